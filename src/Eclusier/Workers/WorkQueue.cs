using System.Threading.Channels;
using Eclusier.Core.Liveness;

namespace Eclusier.Workers;

/// <summary>What is asked of a stack's worker, in its turn, and what is due by itself.</summary>
internal sealed class WorkQueue(TimeProvider timeProvider)
{
    private readonly Channel<WorkRequest> requests = Channel.CreateUnbounded<WorkRequest>(new UnboundedChannelOptions { SingleReader = true });
    private Task<bool>? asked;

    /// <returns><c>false</c>: nothing is taken any more.</returns>
    public bool TryAdd(WorkRequest request) => requests.Writer.TryWrite(request);

    /// <summary>Takes nothing any more, and refuses what is still waiting.</summary>
    public void Close(Exception why)
    {
        requests.Writer.TryComplete();
        while (requests.Reader.TryRead(out var left))
        {
            left.Refuse(why);
        }
    }

    /// <summary>Waits for what is next: what was asked for comes before what is due, and of that the earliest.</summary>
    public async Task<WorkRequest> NextAsync((Due At, Func<WorkRequest> Make)[] plans, CancellationToken stopping)
    {
        while (true)
        {
            var (at, make) = plans.MinBy(plan => plan.At.Rest(timeProvider) ?? TimeSpan.MaxValue);
            if (requests.Reader.TryRead(out var waiting))
            {
                return waiting;
            }

            var rest = at.Rest(timeProvider);
            if (rest <= TimeSpan.Zero)
            {
                return make();
            }

            await RestAsync(rest, stopping);
        }
    }

    /// <summary>Until the time is over or something is asked for. No exception ends it: each would cost more than what is done at an idle interval.</summary>
    private async Task RestAsync(TimeSpan? time, CancellationToken stopping)
    {
        using var expected = SignsOfLife.Expect("the next check", time);
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        asked ??= requests.Reader.WaitToReadAsync(stopping).AsTask(); // kept when the time is over first
        await Task.WhenAny(asked, Task.Delay(time ?? Timeout.InfiniteTimeSpan, timeProvider, awake.Token));
        stopping.ThrowIfCancellationRequested();
        if (asked.IsCompleted)
        {
            asked = null;
            await awake.CancelAsync(); // the delay
        }
    }
}
