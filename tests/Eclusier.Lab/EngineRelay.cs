using System.Net.Sockets;

namespace Eclusier.Lab;

/// <summary>A socket in front of the real engine that can go away, come back and fall silent, so that the engine itself need not.</summary>
public sealed class EngineRelay : IAsyncDisposable
{
    private const string EngineSocket = "/var/run/docker.sock";

    private readonly LabFolder folder = new();
    private readonly List<Socket> open = [];
    private readonly Lock gate = new();
    private volatile TaskCompletionSource thawed = Done();
    private Socket? listener;

    private EngineRelay() => Path = System.IO.Path.Combine(folder.Path, "engine.sock");

    public string Path { get; }

    /// <summary>As in <c>DOCKER_HOST</c>.</summary>
    public string Endpoint => $"unix://{Path}";

    public static EngineRelay Start()
    {
        var relay = new EngineRelay();
        relay.StartAgain();
        return relay;
    }

    public void StartAgain()
    {
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(64);
        _ = AcceptAsync(listener);
    }

    /// <summary>The socket goes away, and all connections with it.</summary>
    public void Stop()
    {
        listener?.Dispose();
        File.Delete(Path);
        lock (gate)
        {
            open.ForEach(socket => socket.Dispose());
            open.Clear();
        }
    }

    /// <summary>Connections are accepted and stay, but nothing passes.</summary>
    public void Freeze() => thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => thawed.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Stop();
        Thaw();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await socket.AcceptAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await engine.ConnectAsync(new UnixDomainSocketEndPoint(EngineSocket));
            lock (gate)
            {
                open.Add(client);
                open.Add(engine);
            }

            _ = PumpAsync(client, engine);
            _ = PumpAsync(engine, client);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await thawed.Task;
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            await thawed.Task;
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
