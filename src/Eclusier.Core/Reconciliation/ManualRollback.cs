using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Reconciliation;

/// <summary>Goes back because a person says so; the release is put to the same test as a new one.</summary>
public sealed class ManualRollback(
    ReleasePreparer preparer, Trial trial, Recovery recovery, IReleaseStore releases, IJournal journal,
    DeploymentRecorder recorder, DeploymentSlots slots, TimeProvider timeProvider)
{
    /// <summary>Goes back to a release that was committed before, and stays there until a newer commit.</summary>
    /// <param name="number"><c>null</c>: the one before the last known good.</param>
    /// <exception cref="FailureException">Rejected: there is no such release, it never passed, or it is no longer kept.</exception>
    public async Task<Outcome> RunAsync(Stack stack, int? number, string detail, CancellationToken stopping)
    {
        await recovery.FinishAsync(stack, stopping);
        using var slot = await slots.TakeAsync(stopping);
        var state = journal.ReadState(stack.Name);
        var target = FindTarget(stack, state, number);
        recovery.CloseUntouched(stack, "a manual rollback took its place");
        var settled = journal.ReadState(stack.Name).SettledKey;
        var deployment = journal.Open(stack.Name, Cause.ManualRollback, detail, target.Commit ?? CommitId.None, state.LastKnownGood, timeProvider.GetUtcNow());
        try
        {
            var release = await recorder.StepAsync(
                deployment, Step.Stage, () => preparer.RecallAsync(stack, target, stopping), release => $"release {release} is still here");
            journal.RecordRelease(deployment.Id, release);
            journal.FreeFromQuarantine(stack.Name, release.Number); // a person asked for it
            journal.Settle(stack.Name, state.SeenHead is { } head ? new Wish(head, Wish.ConfigurationOf(stack), ImageWatch.Remembered(stack, state)).Key : null);
            var outcome = await trial.RunAsync(stack, deployment with { Release = release.Number }, release, stopping);
            journal.RecordCheck(stack.Name, timeProvider.GetUtcNow(), head: null, outcome.Message, trouble: null);
            return outcome;
        }
        catch (FailureException exception) when (journal.FindDeployment(deployment.Id) is { IsOpen: true, HasTouchedTheHost: false })
        {
            // who asked is told now: no later pass goes on with it
            var result = exception.Kind is FailureKind.Rejected ? DeploymentResult.Rejected : DeploymentResult.Interrupted;
            journal.Settle(stack.Name, settled);
            recorder.Close(stack, deployment.Id, result, exception.Message, exception.Failure.Evidence, new StackChange());
            throw;
        }
    }

    /// <summary>The release that was last known good before the one that is now, among those that are kept.</summary>
    internal static ReleaseEntry? FindBefore(IReadOnlyList<ReleaseEntry> entries, int? lastKnownGood, Func<ReleaseEntry, bool> isKept)
    {
        var since = entries.FirstOrDefault(entry => entry.Number == lastKnownGood)?.CommittedAt;
        return entries.Where(entry => entry.CommittedAt < since && !entry.IsQuarantined && isKept(entry)).MaxBy(entry => entry.CommittedAt);
    }

    private ReleaseEntry FindTarget(Stack stack, StackState state, int? number)
    {
        var entries = journal.ReadReleases(stack.Name);
        var target = number is null
            ? FindBefore(entries, state.LastKnownGood, entry => releases.FindDamage(stack.Name, entry.Id) is null)
                ?? throw FailureException.Rejected($"{stack.Name} has no earlier committed release to go back to; `--to N` names any that `eclusier history {stack.Name}` shows as committed")
            : entries.FirstOrDefault(entry => entry.Number == number) ?? throw FailureException.Rejected($"{stack.Name} has no release #{number}");
        return !target.IsCommitted ? throw FailureException.Rejected($"release #{target.Number} was never committed: only a release that passed can be gone back to")
            : !releases.Exists(stack.Name, target.Id) ? throw FailureException.Rejected($"release #{target.Number} is no longer kept (`retain: {stack.Retain}`)")
            : releases.FindDamage(stack.Name, target.Id) is { } damage ? throw FailureException.Rejected($"release #{target.Number} cannot be gone back to: {damage}")
            : target;
    }
}
