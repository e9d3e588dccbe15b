using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>A stack whose rollback failed: the last known good release is tried again, slowly, until it runs or a newer commit comes.</summary>
public sealed partial class StalledStack(
    ReleasePreparer preparer, Trial trial, IJournal journal,
    DeploymentRecorder recorder, DeploymentSlots slots, TimeProvider timeProvider, ILogger<StalledStack> logger)
{
    /// <summary>Between two tries: what keeps the release from running takes a person, or time.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMinutes(5);

    /// <returns><c>null</c> when the stack is not stalled, or it is too early.</returns>
    public async Task<Outcome?> TryAgainAsync(Stack stack, StackState state, CancellationToken stopping)
    {
        if (state.LastKnownGood is not { } number || !IsDue(stack) || journal.FindRelease(stack.Name, number) is not { } entry)
        {
            return null;
        }

        using var slot = await slots.TakeAsync(stopping);
        Log.TryingAgain(logger, stack.Name, number);
        var deployment = journal.Open(stack.Name, Cause.Drift, "a rollback failed", entry.Commit ?? CommitId.None, number, timeProvider.GetUtcNow());
        try
        {
            var release = await recorder.StepAsync(
                deployment, Step.Stage, () => preparer.RecallAsync(stack, entry, stopping), release => $"release {release} is here");
            journal.RecordRelease(deployment.Id, release);
            return await trial.RunAsync(stack, deployment with { Release = number }, release, stopping);
        }
        catch (FailureException exception) when (journal.FindDeployment(deployment.Id) is { IsOpen: true, HasTouchedTheHost: false })
        {
            recorder.Close(stack, deployment.Id, DeploymentResult.Failed, exception.Message, exception.Failure.Evidence, new StackChange());
            return new Outcome.Failed(number, exception.Failure);
        }
    }

    /// <summary>What was rejected or interrupted since does not count: that changed nothing about what runs.</summary>
    private bool IsDue(Stack stack) =>
        journal.FindLastTrial(stack.Name, among: 20) is { EndedAt: { } ended } last
        && (last.Result is DeploymentResult.RollbackFailed || last is { Result: DeploymentResult.Failed, Cause: Cause.Drift })
        && timeProvider.IsOver(ended, Pace);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Rolling back failed before; trying release #{Release} again")]
        public static partial void TryingAgain(ILogger logger, StackName stack, int release);
    }
}
