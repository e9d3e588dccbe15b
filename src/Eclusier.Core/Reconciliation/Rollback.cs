using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Brings the last known good release back, with its exact images, and verifies it. Never cut short by anybody; a stopping agent leaves it to the next one after <see cref="StopGrace"/>.</summary>
public sealed partial class Rollback(
    Applier applier, HealthGate gate, ReleaseProof proof, ReleasePreparer preparer, IJournal journal, IReleaseStore releases,
    DeploymentRecorder recorder, TimeProvider timeProvider, ILogger<Rollback> logger)
{
    /// <summary>From SIGTERM: long enough for nearly every rollback, and well within what systemd lets a service have.</summary>
    public static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(60);

    /// <param name="failed">The number of the release that failed.</param>
    /// <exception cref="OperationCanceledException">The agent stops, and it could not be finished in time: the deployment stays open.</exception>
    public async Task<Outcome> RunAsync(Stack stack, Deployment deployment, int failed, Baseline baseline, Failure failure, CancellationToken stopping)
    {
        using var grace = new StopGrace(TimeToStop, timeProvider, stopping);
        Failure? lastFailure = null;
        foreach (var number in Targets(stack, failed))
        {
            Log.RollingBack(logger, stack.Name, failed, number, failure.Message);
            var verdict = await TryAsync(stack, deployment, number, baseline, grace.Token);
            if (verdict is Verdict.Failed unsuccessful)
            {
                stopping.ThrowIfCancellationRequested(); // a host that shuts down takes programs and engine away: the next agent finishes it
                lastFailure = recorder.Masked(stack, deployment.Id, unsuccessful.Failure);
                continue;
            }

            recorder.Close(
                stack, deployment.Id, DeploymentResult.RolledBack, failure.Message, failure.Evidence,
                new StackChange { LastKnownGood = number, Applied = number, Quarantine = Trial.QuarantineFor(deployment, failed) });
            Log.RolledBack(logger, stack.Name, failed, number);
            return new Outcome.RolledBack(failed, number, failure);
        }

        var why = lastFailure ?? new Failure(FailureKind.DeploymentFailed, "there is no release to go back to");
        recorder.Close(
            stack, deployment.Id, DeploymentResult.RollbackFailed, $"{failure.Message}; rolling back: {why.Message}", [.. failure.Evidence, .. why.Evidence],
            new StackChange { Applied = failed, Quarantine = Trial.QuarantineFor(deployment, failed) });
        Log.RollbackFailed(logger, stack.Name, failed, why.Message);
        return new Outcome.RollbackFailed(failed, failure, why);
    }

    /// <summary>The last known good release, twice; then the committed one before it. A damaged one is none of them.</summary>
    private IEnumerable<int> Targets(Stack stack, int failed)
    {
        if (journal.ReadState(stack.Name).LastKnownGood is not { } lastKnownGood)
        {
            yield break;
        }

        var entries = journal.ReadReleases(stack.Name);
        var good = entries.FirstOrDefault(entry => entry.Number == lastKnownGood);
        if (good is not null && releases.FindDamage(stack.Name, good.Id) is { } damage)
        {
            Log.Damaged(logger, stack.Name, lastKnownGood, damage);
        }
        else
        {
            yield return lastKnownGood;
            yield return lastKnownGood;
        }

        var since = good?.CommittedAt;
        var before = entries
            .Where(entry => entry.IsCommitted && entry.Number != lastKnownGood && entry.Number != failed && !entry.IsQuarantined && releases.FindDamage(stack.Name, entry.Id) is null)
            .OrderByDescending(entry => entry.CommittedAt < since) // a newer one was left by a manual rollback: the last choice
            .ThenByDescending(entry => entry.CommittedAt)
            .FirstOrDefault();
        if (before is not null)
        {
            yield return before.Number;
        }
    }

    private async Task<Verdict> TryAsync(Stack stack, Deployment deployment, int number, Baseline baseline, CancellationToken cancellationToken)
    {
        var refreshed = baseline;
        try
        {
            var target = await recorder.StepAsync(
                deployment, Step.RollBack,
                async () =>
                {
                    // what the failed release did to unchanged containers is over; an engine that is away says nothing of the target
                    refreshed = await gate.RefreshAsync(stack, baseline, cancellationToken);
                    var entry = journal.FindRelease(stack.Name, number) ?? throw FailureException.Rejected($"release #{number} is not known");
                    var release = await RecallAsync(stack, entry, cancellationToken);
                    await applier.ApplyAsync(stack, release, cancellationToken);
                    return release;
                },
                release => $"release {release} runs again");
            return await recorder.StepAsync(
                deployment, Step.Verify,
                () => VerifyAsync(stack, target, refreshed, cancellationToken),
                verdict => verdict is Verdict.Failed failed ? failed.Failure.Message : "images and definitions are the release's, and it is healthy",
                verdict => verdict is Verdict.Passed);
        }
        catch (FailureException exception) when (exception.Kind is not FailureKind.Transient) // the journal cannot be written: finished later
        {
            return new Verdict.Failed(exception.Failure);
        }
    }

    /// <summary>An image that is gone and cannot be had now is a reason to try another release, not to wait with nothing running.</summary>
    private async Task<Release> RecallAsync(Stack stack, ReleaseEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await preparer.RecallAsync(stack, entry, cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Transient)
        {
            throw new FailureException(exception.Failure with { Kind = FailureKind.DeploymentFailed }, exception);
        }
    }

    /// <summary>As a new release is proven: what crashes a second after its start must not be reported as running.</summary>
    private Task<Verdict> VerifyAsync(Stack stack, Release target, Baseline baseline, CancellationToken cancellationToken) =>
        proof.RunAsync(stack, target, baseline, token => applier.ApplyAsync(stack, target, token), (_, watch) => watch(), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Rolling back from release #{From} to #{To}: {Reason}")]
        public static partial void RollingBack(ILogger logger, StackName stack, int from, int to, string reason);

        [LoggerMessage(LogLevel.Error, "{Stack}: Last known good, release #{Release}, cannot be gone back to: {Damage}")]
        public static partial void Damaged(ILogger logger, StackName stack, int release, string damage);

        [LoggerMessage(LogLevel.Warning, "{Stack}: Rolled back: release #{To} runs again and is verified; #{From} is in quarantine")]
        public static partial void RolledBack(ILogger logger, StackName stack, int from, int to);

        [LoggerMessage(LogLevel.Critical, "{Stack}: Release #{From} failed and could not be rolled back: {Reason}")]
        public static partial void RollbackFailed(ILogger logger, StackName stack, int from, string reason);
    }
}
