using System.Net.Sockets;

namespace Eclusier.Lab;

/// <summary>A socket in front of the real engine that can go away, come back and fall silent, so that the engine itself need not.</summary>
public sealed class EngineRelay : IAsyncDisposable
{
    private const string MachinesEngine = "unix:///var/run/docker.sock";

    private static readonly byte[] EndOfFirstLine = " HTTP/1.1\r\n"u8.ToArray();

    private readonly string engineSocket;
    private readonly LabFolder folder = new();
    private readonly List<Socket> open = [];
    private readonly Lock gate = new();
    private volatile TaskCompletionSource thawed = Done();
    private Socket? listener;
    private int requests;

    private EngineRelay(string engine)
    {
        engineSocket = engine["unix://".Length..];
        Path = System.IO.Path.Combine(folder.Path, "engine.sock");
    }

    public string Path { get; }

    /// <summary>As in <c>DOCKER_HOST</c>.</summary>
    public string Endpoint => $"unix://{Path}";

    /// <summary>What was asked so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <param name="engine">As in <c>DOCKER_HOST</c>.</param>
    public static EngineRelay Start(string engine = MachinesEngine)
    {
        var relay = new EngineRelay(engine);
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
            await engine.ConnectAsync(new UnixDomainSocketEndPoint(engineSocket));
            lock (gate)
            {
                open.Add(client);
                open.Add(engine);
            }

            _ = PumpAsync(client, engine, isAsking: true);
            _ = PumpAsync(engine, client, isAsking: false);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAsking)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (isAsking && buffer.AsSpan(0, count).IndexOf(EndOfFirstLine) >= 0)
                {
                    Interlocked.Increment(ref requests); // each waits for its answer
                }

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
