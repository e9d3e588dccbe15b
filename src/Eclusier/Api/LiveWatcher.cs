using System.Threading.Channels;

namespace Eclusier.Api;

/// <summary>One who watches what happens. One that reads too slowly is dropped: it may come again, and nobody waits for it.</summary>
internal sealed class LiveWatcher(string? stack, Action<LiveWatcher> leave) : IDisposable
{
    private const int Capacity = 500;

    private readonly Channel<ReadOnlyMemory<byte>> frames = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource dropped = new();

    public ChannelReader<ReadOnlyMemory<byte>> Frames => frames.Reader;

    /// <summary>It was too slow.</summary>
    public CancellationToken Dropped => dropped.Token;

    public void Offer(string of, ReadOnlyMemory<byte> frame)
    {
        if ((stack is null || stack == of) && !frames.Writer.TryWrite(frame) && !dropped.IsCancellationRequested)
        {
            dropped.CancelAfter(TimeSpan.Zero); // on another thread: who publishes does not wait for what that ends
        }
    }

    public void Dispose()
    {
        leave(this); // from here on nothing is offered any more
        dropped.Dispose();
    }
}
