namespace Eclusier.Core.Access;

/// <summary>Who asks: known by a token, by the Unix socket, or by a proxy that is trusted.</summary>
/// <param name="Name">The token's name, <c>uid 1000</c>, or the name that the proxy gave.</param>
/// <param name="From">The address, <c>socket</c>, or <c>local</c> for a command that works without a daemon.</param>
public sealed record Caller(string Name, Role Role, string From);
