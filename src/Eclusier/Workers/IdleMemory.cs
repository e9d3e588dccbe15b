using Eclusier.Core.Deployments;

namespace Eclusier.Workers;

/// <summary>What a deployment needed is given back at once: the agent then idles for hours, and the collector would not come by itself.</summary>
internal static class IdleMemory
{
    public static void GiveBackAfter(Outcome outcome)
    {
        if (outcome is Outcome.Committed or Outcome.RolledBack or Outcome.RollbackFailed or Outcome.Failed)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // some 10 ms
        }
    }
}
