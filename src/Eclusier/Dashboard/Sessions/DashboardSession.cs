using Eclusier.Core.Access;

namespace Eclusier.Dashboard.Sessions;

/// <summary>Somebody who signed in with a token, until that person signs out, stays away too long, or the token is taken away.</summary>
/// <param name="Key">The hash of what the cookie holds; the cookie's own text is kept by the browser alone.</param>
internal sealed record DashboardSession(string Key, Token Token)
{
    /// <summary>A moment of the <see cref="TimeProvider"/>.</summary>
    public required long LastSeen { get; set; }
}
