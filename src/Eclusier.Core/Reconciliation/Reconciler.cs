using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>The whole story of a change: detect, fetch, render, lock, stage; then the trial on the host, which commits or goes back.</summary>
/// <remarks>One pass at a time per stack: the caller sees to that.</remarks>
public sealed partial class Reconciler(
    ISourceReader sources, SharedHeads heads, RevisionFetch revisions, ImageWatch images, ReleasePreparer preparer, Gates gates, Trial trial, Recovery recovery, LostMemory memory, HostFileWatch hostFiles, StalledStack stalled, DriftWatch drift,
    IJournal journal, DeploymentRecorder recorder, DeploymentSlots slots, TimeProvider timeProvider, ILogger<Reconciler> logger)
{
    private readonly ImageWait imageWait = new(timeProvider);

    /// <summary>Looks once whether the stack is at what its source says, and deploys if it is not.</summary>
    public async Task<Outcome> ReconcileAsync(Stack stack, Trigger trigger, CancellationToken stopping)
    {
        Log.Checking(logger, stack.Name);
        Head? head = null;
        StackState? before = null;
        Outcome outcome;
        var isRefused = false;
        try
        {
            var state = before = await memory.RecogniseAsync(stack, await FinishAsync(stack, stopping), stopping);
            head = await heads.ReadAsync(stack, isFresh: trigger.AsksAnew, stopping);
            if (state.SeenHead != head)
            {
                journal.RecordHead(stack.Name, head, timeProvider.GetUtcNow());
            }

            var wish = new Wish(head, Wish.ConfigurationOf(stack), await images.ReadAsync(stack, state, now: trigger.AsksAnew, stopping));
            outcome = state.Suspension is { } suspension ? Suspended(stack, suspension)
                : trigger.IsPoll && !state.HasOpen && hostFiles.IsSettled(state.SettledKey, wish)
                    ? await stalled.TryAgainAsync(stack, state, stopping) ?? new Outcome.UpToDate($"nothing new: {head.RefName} is at {head.Commit.Short}")
                : await DeployAsync(stack, state, wish, trigger, stopping);
        }
        catch (FailureException exception)
        {
            isRefused = exception.Kind is FailureKind.Rejected; // by the source: there is no deployment that tells of it
            outcome = isRefused ? new Outcome.Rejected(exception.Failure) : new Outcome.Unavailable(exception.Failure);
        }

        Note(stack, before ?? journal.ReadState(stack.Name), head, outcome, isRefused);
        return trigger.IsPoll ? await drift.AfterAsync(stack, outcome, stopping) : outcome;
    }

    /// <summary>What deploying now would change; stages nothing, touches nothing.</summary>
    /// <exception cref="FailureException">It cannot be told: the source, a registry or the Compose files say no.</exception>
    public async Task<PlanPreview> PlanAsync(Stack stack, CancellationToken cancellationToken)
    {
        var head = await sources.ReadHeadAsync(stack.Source, cancellationToken);
        var revision = await sources.FetchAsync(stack.Source, head, cancellationToken);
        var draft = await preparer.RenderAsync(stack, revision, cancellationToken);
        var candidate = await preparer.HashAsync(await preparer.LockAsync(stack, draft, cancellationToken), cancellationToken);
        var state = journal.ReadState(stack.Name);
        var plan = await gates.PlanAsync(stack, state, candidate, cancellationToken);
        return new PlanPreview(revision, plan, state.LastKnownGood, journal.FindRelease(stack.Name, candidate.Id) is { IsQuarantined: true });
    }

    /// <summary>Closes what a pass left open before it touched anything; the next pass begins it anew.</summary>
    public void CloseUnfinished(Stack stack, string reason) => recovery.CloseUntouched(stack, reason);

    /// <summary>What an agent or a pass before left on the host is brought to its end before anything else is begun.</summary>
    private async Task<StackState> FinishAsync(Stack stack, CancellationToken stopping)
    {
        var state = journal.ReadState(stack.Name);
        if (!state.HasOpen)
        {
            return state;
        }

        await recovery.FinishAsync(stack, stopping);
        return journal.ReadState(stack.Name);
    }

    /// <summary>What was awaited is not awaited on: its time would run out, and the status would say it is under way.</summary>
    private Outcome.Blocked Suspended(Stack stack, Suspension suspension)
    {
        CloseUnfinished(stack, $"suspended: {suspension.Reason}");
        return new Outcome.Blocked($"suspended: {suspension.Reason}");
    }

    private async Task<Outcome> DeployAsync(Stack stack, StackState state, Wish wish, Trigger trigger, CancellationToken stopping)
    {
        if (trigger.Kind is TriggerKind.Retry)
        {
            FreeFromQuarantine(stack, wish.Head.Commit);
        }

        var deployment = OpenOrGoOn(stack, state, wish, trigger);
        try
        {
            // nothing on the host is touched in here: every error is free
            var revision = await recorder.StepAsync(deployment, Step.Fetch, () => revisions.FetchAsync(stack, deployment, wish.Head, stopping), revision => $"{revision} \"{revision.Subject}\" by {revision.Author}");
            using var slot = await slots.TakeAsync(stopping); // not before the fetch: a repository that hangs would hold up the deployments of others
            var draft = await recorder.StepAsync(deployment, Step.Render, () => preparer.RenderAsync(stack, revision, stopping), Told);
            var candidate = await recorder.StepAsync(deployment, Step.Lock, () => preparer.LockAsync(stack, draft, stopping), candidate => $"{Services(candidate.Services.Count)}, release {candidate.Id[..12]}");
            var settled = HostFileWatch.KeyFor(wish with { Images = images.Remember(stack, candidate.Services) }, candidate.HostFiles);
            if (await gates.FindReasonNotToAsync(stack, state, candidate, trigger, stopping) is { } reason)
            {
                return CloseUntouched(stack, deployment, reason, settled);
            }

            var known = journal.FindRelease(stack.Name, candidate.Id);
            var number = known?.Number ?? journal.NextReleaseNumber(stack.Name);
            var parent = state.LastKnownGood is { } lkg ? journal.FindRelease(stack.Name, lkg)?.Id : null;
            var release = await recorder.StepAsync(deployment, Step.Stage, () => preparer.StageAsync(stack, candidate, number, parent, whole => gates.PassAsync(stack, state, whole, stopping), stopping), release => $"release {release} is ready");
            journal.RecordRelease(deployment.Id, release);
            journal.FreeFromQuarantine(stack.Name, number); // only a forced one can still be in it
            journal.Settle(stack.Name, settled);

            return await trial.RunAsync(stack, deployment with { Release = number }, release, stopping);
        }
        catch (FailureException exception) when (journal.FindDeployment(deployment.Id) is { IsOpen: true, HasTouchedTheHost: false })
        {
            return CloseUntouched(stack, deployment, imageWait.OutcomeOf(stack, deployment, exception.Failure), hostFiles.KeyFor(wish, exception.Failure));
        }
    }

    private void FreeFromQuarantine(Stack stack, CommitId commit)
    {
        foreach (var entry in journal.ReadReleases(stack.Name).Where(entry => entry.IsQuarantined && entry.Commit == commit))
        {
            journal.FreeFromQuarantine(stack.Name, entry.Number);
        }
    }

    /// <summary>A pass that goes on with the same commit goes on with its deployment; another commit takes its place.</summary>
    private Deployment OpenOrGoOn(Stack stack, StackState state, Wish wish, Trigger trigger)
    {
        if (journal.FindOpen(stack.Name) is { } open)
        {
            if (open.Commit == wish.Head.Commit)
            {
                journal.ForgetSteps(open.Id);
                return open;
            }

            recorder.Close(stack, open.Id, DeploymentResult.Superseded, $"{wish.Head.Commit.Short} took its place", [], new StackChange());
            Log.Superseded(logger, stack.Name, open.Commit.Short, wish.Head.Commit.Short);
        }

        var cause = trigger.Kind switch
        {
            TriggerKind.Command => Cause.Command,
            TriggerKind.Retry => Cause.Retry,
            _ => wish.CauseAgainst(state.SettledKey),
        };
        return recorder.Open(stack, cause, trigger.Detail, wish.Head.Commit, state.LastKnownGood);
    }

    /// <summary>Ends a deployment that touched nothing; one that waits or could not reach something stays open for the next pass.</summary>
    private Outcome CloseUntouched(Stack stack, Deployment deployment, Outcome outcome, string settledKey)
    {
        DeploymentResult? result = outcome switch
        {
            Outcome.UpToDate => DeploymentResult.UpToDate,
            Outcome.Blocked => DeploymentResult.Blocked,
            Outcome.Rejected => DeploymentResult.Rejected,
            Outcome.Expired => DeploymentResult.Expired,
            _ => null,
        };
        if (result is { } end)
        {
            var rejection = (outcome as Outcome.Rejected)?.Failure;
            recorder.Close(stack, deployment.Id, end, outcome.Message, rejection?.Evidence ?? [], new StackChange { SettledKey = settledKey });
        }

        return outcome;
    }

    /// <param name="before">As it was before the pass: nothing else tells of checks.</param>
    private void Note(Stack stack, StackState before, Head? head, Outcome outcome, bool isRefused)
    {
        var now = timeProvider.GetUtcNow();
        if (outcome is not Outcome.Waiting)
        {
            imageWait.Forget(stack);
        }

        Trouble? trouble = outcome switch
        {
            Outcome.Unavailable unavailable => new Trouble(unavailable.Failure.Kind, unavailable.Message, now),
            Outcome.Waiting waiting => new Trouble(FailureKind.Waiting, waiting.Message, waiting.Since, waiting.Until),
            Outcome.Rejected rejected => new Trouble(FailureKind.Rejected, rejected.Message, now),
            Outcome.Expired expired => new Trouble(FailureKind.Rejected, expired.Message, now),
            _ => null,
        };
        recorder.Check(stack, before, head, outcome.Message, trouble, isRefused, isGood: outcome is Outcome.UpToDate);
        if (outcome is Outcome.Committed or Outcome.RolledBack or Outcome.RollbackFailed or Outcome.Failed)
        {
            return; // the trial has said so
        }

        var isNews = outcome.Message != before.LastCheckMessage;
        Log.Outcome(logger, !isNews ? LogLevel.Debug : trouble is null ? LogLevel.Information : LogLevel.Warning, stack.Name, outcome.Message);
    }

    private static string Services(int count) => count == 1 ? "1 service" : $"{count} services";

    private static string Told(Draft draft) =>
        $"{Services(ComposeModel.ServicesOf(draft.Rendered.Model).Count())} from {string.Join(", ", draft.Rendered.ComposeFiles)}{(draft.Rendered.Warnings.Count > 0 ? $"; Compose warns: {string.Join("; ", draft.Rendered.Warnings)}" : "")}";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Checking for updates")]
        public static partial void Checking(ILogger logger, StackName stack);

        [LoggerMessage(LogLevel.Information, "{Stack}: The deployment of {Before} ends, {After} takes its place")]
        public static partial void Superseded(ILogger logger, StackName stack, string before, string after);

        [LoggerMessage("{Stack}: {Message}")]
        public static partial void Outcome(ILogger logger, LogLevel level, StackName stack, string message);
    }
}
