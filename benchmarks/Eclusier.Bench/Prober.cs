using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Eclusier.Bench;

/// <summary>Asks a service who it is, every few milliseconds, as its users do: when did the old version answer last, when the new one first?</summary>
internal sealed class Prober : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] Request = "GET / HTTP/1.0\r\nHost: bench\r\n\r\n"u8.ToArray();

    private readonly int port;
    private readonly string awaited;
    private readonly Thread thread;
    private readonly TaskCompletionSource<long> firstNew = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isStopping;
    private long lastOld;

    private Prober(int port, string awaited)
    {
        (this.port, this.awaited) = (port, awaited);
        thread = new Thread(Ask) { IsBackground = true, Name = "prober" };
        thread.Start();
    }

    /// <param name="awaited">What the new version says of itself.</param>
    public static Prober Start(int port, string awaited) => new(port, awaited);

    /// <returns>When the new version answered for the first time, as <see cref="Stopwatch"/> counts.</returns>
    public Task<long> FirstNewAsync(TimeSpan within, CancellationToken cancellationToken) => firstNew.Task.WaitAsync(within, cancellationToken);

    /// <summary>Waits until the old version has answered once: else there is no last time to speak of.</summary>
    public async Task AwaitOldAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (Interlocked.Read(ref lastOld) == 0)
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(10))
            {
                throw new TimeoutException($"nothing but '{awaited}' answers on port {port}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Waits until the old version answers no more.</summary>
    /// <returns>When it answered last, as <see cref="Stopwatch"/> counts.</returns>
    public async Task<long> OldIsGoneAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (Stopwatch.GetElapsedTime(Interlocked.Read(ref lastOld)) < Patience)
        {
            if (watch.Elapsed > within)
            {
                throw new TimeoutException($"the old version still answers on port {port} after {within.TotalSeconds:0} s");
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return Interlocked.Read(ref lastOld);
    }

    /// <summary>From the last answer of the old version to the first of the new one.</summary>
    public async Task<TimeSpan> GapAsync() => Stopwatch.GetElapsedTime(Interlocked.Read(ref lastOld), await firstNew.Task);

    public ValueTask DisposeAsync()
    {
        isStopping = true;
        thread.Join(TimeSpan.FromSeconds(5));
        return ValueTask.CompletedTask;
    }

    private void Ask()
    {
        while (!isStopping)
        {
            if (TryAsk() is { } said)
            {
                if (said == awaited)
                {
                    firstNew.TrySetResult(Stopwatch.GetTimestamp());
                    return;
                }

                Interlocked.Exchange(ref lastOld, Stopwatch.GetTimestamp());
            }

            Thread.Sleep(Pause);
        }
    }

    /// <returns><c>null</c>: nothing that is an answer.</returns>
    private string? TryAsk()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SendTimeout = socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            socket.Send(Request);
            var buffer = new byte[2048];
            var length = 0;
            int count;
            while (length < buffer.Length && (count = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None)) > 0)
            {
                length += count;
            }

            var answer = Encoding.ASCII.GetString(buffer, 0, length);
            var body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            return answer.StartsWith("HTTP/1.", StringComparison.Ordinal) && answer.Contains(" 200 ", StringComparison.Ordinal) && body > 0 ? answer[(body + 4)..].Trim() : null;
        }
        catch (SocketException) // refused, reset or silent: this is what is measured
        {
            return null;
        }
    }
}
