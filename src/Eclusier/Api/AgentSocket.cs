using System.Net;
using System.Net.Sockets;
using Eclusier.Adapters.Locking;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Eclusier.Api;

/// <summary>The Unix socket at which the daemon takes requests.</summary>
public static class AgentSocket
{
    public const string RunPath = "/run/eclusier/eclusier.sock";

    /// <summary>Root, and the group that the socket's file is given to.</summary>
    public const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int LongestPath = 107; // sockaddr_un

    /// <summary>Where a daemon with these settings may be listening, the likelier place first.</summary>
    /// <remarks>A socket in the state folder is its own; behind the other may be another agent, which is not to be waited for.</remarks>
    public static IReadOnlyList<string> Candidates(AgentSettings settings, string runPath = RunPath) =>
        File.Exists(InState(settings)) ? [InState(settings), runPath] : [runPath, InState(settings)];

    /// <summary>Where a daemon with these settings listens: the run folder where it may, else its state folder.</summary>
    /// <remarks>A second agent on the host, with a state folder of its own, leaves the run folder to the first, also when both start at once.</remarks>
    /// <param name="claim">To be held for as long as the daemon listens; <c>null</c>: in the state folder nobody else does.</param>
    public static string Choose(AgentSettings settings, TimeProvider timeProvider, out IDisposable? claim, string runPath = RunPath)
    {
        claim = Claim(runPath, settings, timeProvider);
        return claim is null ? InState(settings) : runPath;
    }

    /// <summary>Makes the socket the only place where the program listens, and lets only <paramref name="mode"/> connect.</summary>
    /// <remarks>The caller holds the state lock, so a file that nobody answers behind is left over from a dead agent.</remarks>
    public static void ListenOnSocket(this WebApplicationBuilder builder, string path, UnixFileMode mode)
    {
        if (path.Length > LongestPath)
        {
            throw new IOException($"the socket's path is longer than the system allows ({LongestPath} bytes): {path}");
        }

        foreach (var key in new[] { WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey })
        {
            builder.WebHost.UseSetting(key, ""); // what the environment may ask for (ASPNETCORE_URLS)
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(path);
        });
        builder.Services.Configure<SocketTransportOptions>(transport =>
        {
            var bind = transport.CreateBoundListenSocket;
            transport.CreateBoundListenSocket = endpoint => endpoint is UnixDomainSocketEndPoint && endpoint.ToString() == path
                ? Bind(bind, endpoint, path, mode)
                : bind(endpoint);
        });
    }

    private static string InState(AgentSettings settings) => Path.Combine(settings.StateDirectory, "eclusier.sock");

    private static Socket Bind(Func<EndPoint, Socket> bind, EndPoint endpoint, string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Answers(path))
        {
            throw new IOException($"another program is listening at {path}");
        }

        File.Delete(path);
        var socket = bind(endpoint);
        File.SetUnixFileMode(path, mode); // bound but not listening yet: nobody got in before
        return socket;
    }

    private static StateLock? Claim(string path, AgentSettings settings, TimeProvider timeProvider)
    {
        try
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder);
            if (!StateLock.TryTake(folder, $"monitor of {settings.StateDirectory}", timeProvider, out var claim, out _))
            {
                return null;
            }

            if (!Answers(path))
            {
                return claim;
            }

            claim.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or FailureException)
        {
            return null; // not root, or a read-only /run: the state folder it is
        }
    }

    private static bool Answers(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return false;
        }
        catch (SocketException)
        {
            return true; // there, and busy or not ours
        }
    }
}
