using Eclusier.Adapters.Memory;
using Eclusier.Core.Deployments;

namespace Eclusier.Workers;

/// <summary>What a deployment, or the start, needed is given back: the agent then idles for hours, and nothing would come by itself.</summary>
/// <param name="giveBackCache">Has the database let go of the pages it keeps.</param>
/// <remarks>docs/memory.md has what each part is worth. A poll that finds nothing costs nothing of it.</remarks>
public sealed class IdleMemory(Action giveBackCache, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Pooled buffers are let go of by the second collection, once nobody has used them for 30 s.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(45);

    private readonly Lock gate = new();
    private ITimer? timer;
    private bool hasStarted;
    private bool isDisposed;

    /// <summary>After each deployment, and once after the first pass of all: at once what is garbage, and the rest when all has been quiet for a while.</summary>
    public void GiveBackAfter(Outcome outcome)
    {
        lock (gate)
        {
            if (isDisposed || (hasStarted && outcome is not (Outcome.Committed or Outcome.RolledBack or Outcome.RollbackFailed or Outcome.Failed)))
            {
                return;
            }

            hasStarted = true;
            timer ??= timeProvider.CreateTimer(_ => GiveBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            timer.Change(Rest, Timeout.InfiniteTimeSpan);
        }

        Collect();
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            timer?.Dispose();
        }
    }

    private void GiveBack()
    {
        lock (gate)
        {
            if (!isDisposed) // the database is still there
            {
                giveBackCache();
            }
        }

        Collect();
        NativeHeap.GiveBack();
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // some 10 ms
}
