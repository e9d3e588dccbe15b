using System.Net;
using System.Net.Sockets;

namespace Eclusier.Bench;

/// <summary>Stands before a registry or a git server and counts what goes through: requests, and bytes both ways.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private static readonly byte[] EndOfFirstLine = " HTTP/1.1\r\n"u8.ToArray();

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int behind;
    private readonly Task serving;
    private long bytes;
    private int requests;

    /// <param name="port">Of the server that answers, on this machine.</param>
    public CountingRelay(int port)
    {
        behind = port;
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>As image names begin, and addresses.</summary>
    public string Host => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public (int Requests, long Bytes) Read() => (Volatile.Read(ref requests), Interlocked.Read(ref bytes));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await listener.AcceptTcpClientAsync(stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var asking = client;
        using var answering = new TcpClient();
        try
        {
            await answering.ConnectAsync(IPAddress.Loopback, behind, stop.Token);
            await Task.WhenAny(CopyAsync(asking, answering, isAsking: true), CopyAsync(answering, asking, isAsking: false));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // one of the two has gone: so does the other
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool isAsking)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await from.GetStream().ReadAsync(buffer, stop.Token)) > 0)
        {
            Interlocked.Add(ref bytes, count);
            if (isAsking && buffer.AsSpan(0, count).IndexOf(EndOfFirstLine) >= 0)
            {
                Interlocked.Increment(ref requests); // each is smaller than a packet, and waits for its answer
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), stop.Token);
        }
    }
}
