using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Drops releases that are no longer gone back to: their folders, keep-tags and kept commits. The journal remembers them.</summary>
public sealed partial class Retention(IJournal journal, IReleaseStore releases, IEngine engine, IWorkTree workTree, ILogger<Retention> logger)
{
    public async Task CleanAsync(Stack stack)
    {
        var state = journal.ReadState(stack.Name);
        var entries = journal.ReadReleases(stack.Name);
        foreach (var entry in entries.Where(entry => releases.Exists(stack.Name, entry.Id) && !Kept(entries, state, stack.Retain).Contains(entry.Number)))
        {
            try
            {
                await DropAsync(stack, entry);
                Log.Dropped(logger, stack.Name, entry.Number);
            }
            catch (FailureException exception)
            {
                Log.NotDropped(logger, stack.Name, entry.Number, exception.Message); // tried again after the next commit
            }
        }
    }

    /// <summary>The last committed releases, the last known good one and the one before it, what was applied last, and the newest of all (evidence of a failure).</summary>
    internal static HashSet<int> Kept(IReadOnlyList<ReleaseEntry> entries, StackState state, int retain)
    {
        var committed = entries.Where(entry => entry.IsCommitted).OrderByDescending(entry => entry.CommittedAt).Select(entry => entry.Number).ToList();
        var kept = committed.Take(retain).ToHashSet();
        var since = entries.FirstOrDefault(entry => entry.Number == state.LastKnownGood)?.CommittedAt;
        var before = entries.Where(entry => entry.CommittedAt < since).MaxBy(entry => entry.CommittedAt)?.Number;
        foreach (var number in new[] { state.LastKnownGood, before, state.Applied, entries.Max(entry => (int?)entry.Number) }.OfType<int>())
        {
            kept.Add(number);
        }

        return kept;
    }

    private async Task DropAsync(Stack stack, ReleaseEntry entry)
    {
        var release = releases.Load(stack.Name, entry.Id);
        foreach (var service in release.Services)
        {
            await engine.RemoveTagAsync(service.KeepTag, CancellationToken.None);
        }

        await workTree.ReleaseAsync(stack, entry.Number, CancellationToken.None);
        releases.Delete(stack.Name, entry.Id);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Release #{Release} is no longer kept")]
        public static partial void Dropped(ILogger logger, StackName stack, int release);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Release #{Release} could not be dropped: {Reason}")]
        public static partial void NotDropped(ILogger logger, StackName stack, int release, string reason);
    }
}
