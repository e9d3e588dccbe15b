using System.Net;
using Eclusier.Core.Access;

namespace Eclusier.Api.Access;

/// <summary>Whoever a trusted proxy has signed in.</summary>
internal sealed class ProxyCaller(ApiSettings settings) : ICallerSource
{
    private const int LongestName = 100;

    public ValueTask<Caller?> FindAsync(HttpContext context) => ValueTask.FromResult(
        settings.UserHeader is { } header && context.Features.Get<Peer>() is { IsTrustedProxy: true } && NameIn(context.Request.Headers[header].ToString()) is { } name
            ? new Caller(name, settings.UserRole, context.RemoteAddress())
            : null);

    private static string? NameIn(string value) => value.Trim() is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl) ? name : null;
}

/// <summary>Who is at the other end of a TCP connection, whatever its headers say.</summary>
internal sealed record Peer(IPAddress? Address, bool IsTrustedProxy);

internal static class RemoteAddresses
{
    /// <summary>The client's address; behind a trusted proxy what that one says it is.</summary>
    public static string RemoteAddress(this HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "unknown",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        var address => address.ToString(),
    };
}
