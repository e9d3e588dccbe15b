using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>When the journal is lost: the release folders tell what was deployed, the containers what runs, and a person when to go on. Nothing on the host is touched.</summary>
public sealed partial class LostMemory(IJournal journal, IReleaseStore releases, IEngine engine, HealthGate gate, Announcer announcer, TimeProvider timeProvider, ILogger<LostMemory> logger)
{
    /// <summary>At the agent's start, before anything is done to any stack: all of them come up suspended.</summary>
    /// <param name="damage">What was wrong with the journal that was put out of the way; <c>null</c>: nothing was. It may be empty all the same.</param>
    public void RebuildIfLost(IReadOnlyList<Stack> stacks, string? damage)
    {
        if (stacks.Count == 0 || (damage is null && !IsEmptyThoughThereAreReleases(stacks)))
        {
            return;
        }

        var now = timeProvider.GetUtcNow();
        var what = damage ?? "the database was missing or empty";
        var rebuilt = stacks.Select(stack => Read(stack, what, now)).ToList();
        var message = $"{what}; {string.Join(", ", rebuilt.Select(stack => $"{stack.Stack}: {Folders(stack.Releases.Count)}"))}. All stacks are suspended and their containers untouched: look at what runs, then `eclusier resume STACK`";
        journal.Rebuild(rebuilt, now, announcer.OfAgent(EventKind.DatabaseRebuilt, "The database was lost and made anew", message, now));
        Log.Rebuilt(logger, message);
    }

    /// <summary>Whether all that is known of the stack comes from its release folders, and nothing was deployed since.</summary>
    public bool IsRebuilt(StackName stack) => IsRebuilt(stack, journal.ReadState(stack));

    private bool IsRebuilt(StackName stack, StackState state) =>
        state.LastKnownGood is null && journal.ReadReleases(stack).Count > 0 && journal.ReadDeployments(stack, limit: 1).Count == 0;

    /// <summary>The release that the host runs exactly, and well.</summary>
    /// <returns><c>null</c> when it is none.</returns>
    public int? FindRunning(StackName stack, LiveStack live) => journal.ReadReleases(stack)
        .FirstOrDefault(entry => releases.FindDamage(stack, entry.Id) is null && ContainerExam.IsExactly(releases.Load(stack, entry.Id), live))?.Number;

    /// <summary>Once a person has resumed the stack: what runs is last known good if it is exactly a release, and every probe passes.</summary>
    /// <returns>What is remembered of the stack from now on.</returns>
    public async Task<StackState> RecogniseAsync(Stack stack, StackState state, CancellationToken cancellationToken)
    {
        if (state.IsSuspended || !IsRebuilt(stack.Name, state))
        {
            return state;
        }

        // that its containers are well says nothing of what they answer: a release that was never proven must not become last known good
        if (FindRunning(stack.Name, await engine.ObserveAsync(stack.Project, cancellationToken)) is { } number
            && (await gate.ReadBaselineAsync(stack, cancellationToken)).FailingProbes.Count == 0)
        {
            journal.Recognise(stack.Name, number, timeProvider.GetUtcNow());
            Log.Recognised(logger, stack.Name, number);
        }
        else
        {
            Log.NotRecognised(logger, stack.Name);
        }

        return journal.ReadState(stack.Name);
    }

    /// <summary>A release folder is never published without a deployment that was written down before.</summary>
    private bool IsEmptyThoughThereAreReleases(IReadOnlyList<Stack> stacks) =>
        journal.ReadDeployments(null, limit: 1).Count == 0
        && stacks.All(stack => journal.ReadReleases(stack.Name).Count == 0)
        && stacks.Any(stack => releases.List(stack.Name).Count > 0);

    private RebuiltStack Read(Stack stack, string what, DateTimeOffset now)
    {
        var kept = new List<Release>();
        foreach (var id in releases.List(stack.Name))
        {
            if (releases.FindDamage(stack.Name, id) is { } damage)
            {
                Log.SetAside(logger, stack.Name, damage, releases.SetAside(stack.Name, id, now));
            }
            else
            {
                kept.Add(releases.Load(stack.Name, id));
            }
        }

        // one that was published but not recorded, since its agent died, has the number of a later one
        var known = kept.GroupBy(release => release.Number).Select(namesakes => namesakes.MaxBy(release => release.PreparedAt)!).ToList();
        var parents = kept.Select(release => release.Parent).OfType<string>().ToHashSet(); // last known good when another was made
        var damaged = releases.ListSetAside(stack.Name).Count;
        return new RebuiltStack(
            stack.Name,
            [.. known.Select(release => new RebuiltRelease(release, release.Number == 0 || parents.Contains(release.Id) ? release.PreparedAt : null))],
            known.Select(release => release.Number).DefaultIfEmpty(0).Max() + damaged, // each may have had a number of its own
            $"{what}; {Folders(known.Count)} told what was deployed{(damaged > 0 ? $", {damaged} more are damaged" : "")}. Nothing was touched: look at what runs, then `eclusier resume {stack.Name}`");
    }

    private static string Folders(int count) => count == 1 ? "1 release folder" : $"{count} release folders";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "{Message}")]
        public static partial void Rebuilt(ILogger logger, string message);

        [LoggerMessage(LogLevel.Error, "{Stack}: {Damage}; kept as '{Path}'")]
        public static partial void SetAside(ILogger logger, StackName stack, string damage, string path);

        [LoggerMessage(LogLevel.Information, "{Stack}: The host runs release #{Release} exactly: it is last known good")]
        public static partial void Recognised(ILogger logger, StackName stack, int release);

        [LoggerMessage(LogLevel.Warning, "{Stack}: What runs is not exactly a release that is kept, or a probe fails: until one is committed there is nothing to go back to")]
        public static partial void NotRecognised(ILogger logger, StackName stack);
    }
}
