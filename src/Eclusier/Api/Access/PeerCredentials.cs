using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Eclusier.Api.Access;

/// <summary>Who is at the other end of a Unix socket, as the kernel saw it connect.</summary>
internal static class PeerCredentials
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int OfPeer = 17; // SO_PEERCRED: struct ucred { pid_t pid; uid_t uid; gid_t gid; }

    /// <returns>The user's number; <c>null</c> when the other end is gone.</returns>
    public static uint? Read(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        try
        {
            return socket.GetRawSocketOption(SocketLevel, OfPeer, credentials) == credentials.Length ? MemoryMarshal.Read<uint>(credentials[4..]) : null;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
