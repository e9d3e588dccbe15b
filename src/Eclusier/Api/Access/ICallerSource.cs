using System.Net.Sockets;
using Eclusier.Core.Access;
using Microsoft.AspNetCore.Connections.Features;

namespace Eclusier.Api.Access;

/// <summary>One way of being known: a token, a session, a trusted proxy, the Unix socket. They are asked in the order of their registration.</summary>
public interface ICallerSource
{
    /// <returns><c>null</c>: nobody that this way knows.</returns>
    ValueTask<Caller?> FindAsync(HttpContext context);
}

/// <summary>Through the Unix socket: whoever the file system lets open it may do everything.</summary>
internal sealed class SocketCaller : ICallerSource
{
    public ValueTask<Caller?> FindAsync(HttpContext context) => ValueTask.FromResult(
        context.UnixSocket() is { } socket ? new Caller(PeerCredentials.Read(socket) is { } user ? $"uid {user}" : "uid unknown", Role.Admin, "socket") : null);
}

internal static class Connections
{
    /// <returns>The connection's socket when it is a Unix socket, else <c>null</c>.</returns>
    public static Socket? UnixSocket(this HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket ? socket : null;
}
