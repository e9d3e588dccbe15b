using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Sees to it that the releases that may be gone back to still have their images here: somebody may have pruned them.</summary>
/// <remarks>These are the last known good release, for a rollback by itself, and the one before it, for <c>eclusier rollback</c>.</remarks>
public sealed partial class WayBack(IEngine engine, QuietEngine quiet, ReleasePreparer preparer, IReleaseStore releases, IJournal journal, ILogger<WayBack> logger)
{
    private readonly ConcurrentDictionary<(StackName Stack, int Release), string> troubles = new();

    /// <summary>Of which stacks nothing was missing when it was looked last.</summary>
    private readonly ConcurrentDictionary<StackName, Complete> complete = new();

    /// <summary>Why a rollback would not be possible now: a sentence for each release that is not complete.</summary>
    /// <returns><c>null</c>: there is no release to go back to yet.</returns>
    /// <exception cref="FailureException">It cannot be told: the engine does not answer.</exception>
    public async Task<IReadOnlyList<string>?> FindObstaclesAsync(Stack stack, CancellationToken cancellationToken)
    {
        var targets = Targets(stack, journal.ReadState(stack.Name));
        var obstacles = new List<string>();
        foreach (var entry in targets)
        {
            try
            {
                if (await FindLostAsync(ReferencesOf(releases.Load(stack.Name, entry.Id)), cancellationToken) is { Count: > 0 } lost)
                {
                    var why = troubles.TryGetValue((stack.Name, entry.Number), out var trouble) ? $", and could not be fetched again: {trouble}" : "";
                    obstacles.Add($"of release #{entry.Number} {string.Join(", ", lost)} {(lost.Count == 1 ? "is" : "are")} not on this host{why}");
                }
            }
            catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
            {
                obstacles.Add($"release #{entry.Number}: {exception.Message}"); // its folder is damaged
            }
        }

        return targets.Count == 0 ? null : obstacles;
    }

    /// <summary>Fetches again what is missing and what the registry still has. At each interval; touches no container.</summary>
    public async Task KeepOpenAsync(Stack stack, CancellationToken cancellationToken)
    {
        var state = journal.ReadState(stack.Name);
        if (complete.TryGetValue(stack.Name, out var last) && last.IsOf(state) && quiet.WasQuietSince(last.Since)
            && last.Releases.All(release => releases.FindDamage(stack.Name, release) is null))
        {
            return;
        }

        var since = quiet.NowOfImages(); // first: what goes from here on is missed the next time
        var targets = Targets(stack, state);
        var isComplete = true;
        foreach (var entry in targets)
        {
            isComplete &= await KeepOpenAsync(stack, entry, cancellationToken);
        }

        complete.TryRemove(stack.Name, out _);
        if (isComplete)
        {
            complete[stack.Name] = new Complete(state.LastKnownGood, state.Applied, state.SettledKey, [.. targets.Select(entry => entry.Id)], since);
        }
    }

    /// <returns>Nothing is missing now.</returns>
    private async Task<bool> KeepOpenAsync(Stack stack, ReleaseEntry entry, CancellationToken cancellationToken)
    {
        var key = (stack.Name, entry.Number);
        IReadOnlyList<string> lost = [];
        try
        {
            var release = releases.Load(stack.Name, entry.Id);
            var references = ReferencesOf(release);
            var gone = await FindLostAsync([.. references.Union(release.Services.Select(service => service.KeepTag).Where(tag => tag.Length > 0))], cancellationToken);
            lost = [.. references.Intersect(gone)];
            if (gone.Count > 0)
            {
                await preparer.RecallAsync(stack, entry, cancellationToken);
                Log.FetchedAgain(logger, stack.Name, entry.Number, lost.Count == 0 ? "the tags that keep its images" : string.Join(", ", lost));
            }

            troubles.TryRemove(key, out _);
            return true;
        }
        catch (FailureException exception) when (lost.Count > 0 || exception.Kind is FailureKind.Rejected) // else unknown: an engine that is away has lost nothing
        {
            if (!troubles.TryGetValue(key, out var known) || known != exception.Message)
            {
                Log.NotPossible(logger, stack.Name, entry.Number, exception.Message);
            }

            troubles[key] = exception.Message;
            return false;
        }
        catch (FailureException exception)
        {
            Log.NotLooked(logger, stack.Name, entry.Number, exception.Message);
            return false;
        }
    }

    private List<ReleaseEntry> Targets(Stack stack, StackState state)
    {
        var entries = journal.ReadReleases(stack.Name);
        var lastKnownGood = state.LastKnownGood;
        var before = ManualRollback.FindBefore(entries, lastKnownGood, entry => releases.Exists(stack.Name, entry.Id));
        return [.. new[] { entries.FirstOrDefault(entry => entry.Number == lastKnownGood && releases.Exists(stack.Name, entry.Id)), before }.OfType<ReleaseEntry>()];
    }

    private static List<string> ReferencesOf(Release release) => [.. release.Services.Select(service => service.Reference).Where(name => name.Length > 0).Distinct()];

    private async Task<IReadOnlyList<string>> FindLostAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var missing = await engine.FindMissingImagesAsync(names, cancellationToken);
        return [.. names.Where(missing.Contains)];
    }

    /// <param name="Releases">Those that may be gone back to. They are others only after a deployment, which leaves something else in the state.</param>
    private sealed record Complete(int? LastKnownGood, int? Applied, string? SettledKey, IReadOnlyList<string> Releases, QuietEngine.Moment Since)
    {
        public bool IsOf(StackState state) => (state.LastKnownGood, state.Applied, state.SettledKey) == (LastKnownGood, Applied, SettledKey);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Images of release #{Release} had been removed from this host, and are here again: {Images}")]
        public static partial void FetchedAgain(ILogger logger, StackName stack, int release, string images);

        [LoggerMessage(LogLevel.Debug, "{Stack}: Whether the images of release #{Release} are here could not be told: {Reason}")]
        public static partial void NotLooked(ILogger logger, StackName stack, int release, string reason);

        [LoggerMessage(LogLevel.Error, "{Stack}: Going back to release #{Release} is not possible: {Reason}")]
        public static partial void NotPossible(ILogger logger, StackName stack, int release, string reason);
    }
}
