using System.Security.Cryptography;
using System.Text;
using Eclusier.Core.Access;

namespace Eclusier.Dashboard.Sessions;

/// <summary>What each form must send along. It belongs to the session, or to the name that a proxy gave; another web site cannot know it.</summary>
internal sealed class FormTokens
{
    public const string Field = "form";

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32); // of this run: a page from before the last start is loaded again

    public string For(HttpContext context)
    {
        var owner = context.Features.Get<DashboardSession>() is { } session ? $"session {session.Key}" : $"caller {context.Features.Get<Caller>()?.Name}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(owner)));
    }

    public bool IsOf(HttpContext context, string sent) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(For(context)));
}
