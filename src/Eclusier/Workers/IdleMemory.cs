using Eclusier.Core.Deployments;

namespace Eclusier.Workers;

/// <summary>What a deployment, or the start, needed is given back at once: the agent then idles for hours, and the collector would not come by itself.</summary>
internal static class IdleMemory
{
    private static int isStarting = 1;

    /// <summary>After each deployment, and once after the first pass of all.</summary>
    public static void GiveBackAfter(Outcome outcome)
    {
        if (outcome is Outcome.Committed or Outcome.RolledBack or Outcome.RollbackFailed or Outcome.Failed || Interlocked.Exchange(ref isStarting, 0) == 1)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // some 10 ms
        }
    }
}
