using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>A clock that jumps to the next moment somebody waits for: hours of waiting pass at once, and always in the same order.</summary>
public sealed class FakeClock : FakeTimeProvider
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromDays(30);

    private readonly Lock gate = new();
    private readonly List<Pending> pending = [];
    private TimeSpan put;
    private ExceptionDispatchInfo? trouble;

    public FakeClock()
        : base(Some.Noon)
    {
    }

    /// <summary>Since the clock was made.</summary>
    public TimeSpan Elapsed => Steady - Some.Noon;

    /// <summary>The time without what the clock was put forward or back: containers age by it.</summary>
    public DateTimeOffset Steady => base.GetUtcNow();

    /// <summary>What the clock on the wall shows: what passed, and what it was put forward or back.</summary>
    public override DateTimeOffset GetUtcNow() => Steady + put;

    public override long GetTimestamp() => Steady.Ticks;

    /// <summary>Puts the clock on the wall forward or back, as an operator or NTP does; no time passes.</summary>
    public void Put(TimeSpan by) => put += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var entry = new Pending { Due = dueTime < TimeSpan.Zero ? DateTimeOffset.MaxValue : Steady + dueTime };
        lock (gate)
        {
            pending.Add(entry);
        }

        entry.Timer = base.CreateTimer(
            inner =>
            {
                Forget(entry);
                callback(inner);
            }, state, dueTime, period);
        return new Tracked(entry, this);
    }

    /// <summary>Does something when so much time has passed. What it throws is thrown where time was let pass.</summary>
    public void In(TimeSpan delay, Action action) => CreateTimer(
        _ =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                trouble ??= ExceptionDispatchInfo.Capture(exception); // thrown here it would end FakeTimeProvider's timers for good
            }
        },
        null, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Runs the work to its end, letting time pass whenever it waits.</summary>
    /// <remarks>Started without a synchronisation context, what waits for the clock goes on inside <c>Advance</c>: one thread, one order.</remarks>
    public T Run<T>(Func<Task<T>> work)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var task = work();
            var latest = Steady + LongestRun;
            while (!task.IsCompleted)
            {
                var next = NextDue();
                if (next == DateTimeOffset.MaxValue && SpinWait.SpinUntil(() => task.IsCompleted || NextDue() != DateTimeOffset.MaxValue, TimeSpan.FromSeconds(5)))
                {
                    continue; // a cancelled wait ends on another thread
                }

                if (next > latest)
                {
                    throw new TimeoutException($"after {Elapsed} it still waits, and nothing will come");
                }

                Advance(next > Steady ? next - Steady : TimeSpan.Zero);
                if (Interlocked.Exchange(ref trouble, null) is { } met)
                {
                    met.Throw();
                }
            }

            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Run(Func<Task> work) => Run(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Lets time pass while nobody works.</summary>
    public void Pass(TimeSpan time) => Run(() => Task.Delay(time, this));

    private DateTimeOffset NextDue()
    {
        lock (gate)
        {
            return pending.Count == 0 ? DateTimeOffset.MaxValue : pending.Min(entry => entry.Due);
        }
    }

    private void Forget(Pending entry)
    {
        lock (gate)
        {
            pending.Remove(entry);
        }
    }

    private sealed class Pending
    {
        public required DateTimeOffset Due { get; init; }

        public ITimer? Timer { get; set; }
    }

    private sealed class Tracked(Pending entry, FakeClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("nothing here changes a timer");

        public void Dispose()
        {
            clock.Forget(entry);
            entry.Timer!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
