using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Puts a release to the test on the host: apply, health gate, soak; then commit it, or go back.</summary>
public sealed partial class Trial(
    Applier applier, Adopter adopter, HealthGate gate, ReleaseProof proof, BootGrace boot, Rollback rollback, Retention retention, IJournal journal,
    DeploymentRecorder recorder, ILogger<Trial> logger)
{
    public async Task<Outcome> RunAsync(Stack stack, Deployment deployment, Release release, CancellationToken stopping)
    {
        await boot.AwaitAsync(stack, stopping); // what does not run yet would be taken for broken before
        boot.Record(stack);
        var lastKnownGood = await FindLastKnownGoodAsync(stack, stopping);
        var baseline = await ReadBaselineAsync(stack, deployment, lastKnownGood, stopping);
        journal.RecordBaseline(deployment.Id, baseline);
        var verdict = await TryAsync(stack, deployment, release, baseline, isApplied: false, stopping);
        return await ConcludeAsync(stack, deployment, release, lastKnownGood, baseline, verdict, stopping);
    }

    /// <summary>Goes on with a trial that the end of the agent interrupted.</summary>
    /// <param name="isApplied">The host runs the release already: it only has to pass the gate.</param>
    /// <param name="hasStarted">The host has started meanwhile: containers began anew, and what that did to them is no fault of the release.</param>
    public async Task<Outcome> ResumeAsync(Stack stack, Deployment deployment, Release release, bool isApplied, bool hasStarted, CancellationToken stopping)
    {
        var lastKnownGood = journal.ReadState(stack.Name).LastKnownGood; // what runs now is the release itself: it is not taken over as what ran before
        var baseline = await RecallBaselineAsync(stack, deployment, hasStarted, stopping);
        var verdict = await TryAsync(stack, deployment, release, baseline, isApplied, stopping);
        return await ConcludeAsync(stack, deployment, release, lastKnownGood, baseline, verdict, stopping);
    }

    /// <summary>Gives a release up that was under way.</summary>
    public async Task<Outcome> GiveUpAsync(Stack stack, Deployment deployment, int release, Failure failure, CancellationToken stopping)
    {
        var baseline = await RecallBaselineAsync(stack, deployment, hasStarted: false, stopping);
        return await FailAsync(stack, deployment, release, journal.ReadState(stack.Name).LastKnownGood, baseline, failure, stopping);
    }

    /// <summary>Before anything was ever applied, what runs is taken over; afterwards, or when that is forgotten, it may be a release that failed.</summary>
    private async Task<int?> FindLastKnownGoodAsync(Stack stack, CancellationToken cancellationToken)
    {
        var state = journal.ReadState(stack.Name);
        return state is { LastKnownGood: null, Applied: null } && !journal.ReadReleases(stack.Name).Any(entry => entry.IsCommitted) ? (await adopter.AdoptAsync(stack, cancellationToken))?.Number : state.LastKnownGood;
    }

    /// <summary>A probe that fails while the last known good release runs was so before; while a failed release runs, or one that somebody took down, it says nothing.</summary>
    private Task<Baseline> ReadBaselineAsync(Stack stack, Deployment deployment, int? lastKnownGood, CancellationToken cancellationToken)
    {
        var applied = journal.ReadState(stack.Name).Applied;
        return deployment.Cause is not Cause.Drift && lastKnownGood is not null && (applied is null || applied == lastKnownGood) ? gate.ReadBaselineAsync(stack, cancellationToken) : gate.ReadRestartsAsync(stack, cancellationToken);
    }

    /// <summary>What was so before it was applied, as the journal remembers it.</summary>
    private async Task<Baseline> RecallBaselineAsync(Stack stack, Deployment deployment, bool hasStarted, CancellationToken cancellationToken) =>
        deployment.Baseline is not { } kept ? await gate.ReadRestartsAsync(stack, cancellationToken)
        : hasStarted ? kept with { Restarts = (await gate.ReadRestartsAsync(stack, cancellationToken)).Restarts }
        : kept;

    /// <summary>Applying waits for an engine that is away, and so does the gate: what is transient here is the agent's own trouble (a full disk), and says nothing of the release.</summary>
    private async Task<Verdict> TryAsync(Stack stack, Deployment deployment, Release release, Baseline baseline, bool isApplied, CancellationToken stopping)
    {
        Task restore(CancellationToken token) => applier.ApplyAsync(stack, release, token);
        try
        {
            if (!isApplied)
            {
                journal.CountStart(deployment.Id);
                await recorder.StepAsync(deployment, Step.Apply, async () => { await applier.ApplyAsync(stack, release, stopping); return release; }, _ => $"release {release} runs");
            }

            return await proof.RunAsync(stack, release, baseline, restore, (step, watch) => GateAsync(deployment, step, watch), stopping);
        }
        catch (FailureException exception) when (exception.Kind is not FailureKind.Transient && !stopping.IsCancellationRequested)
        {
            return new Verdict.Failed(await gate.WithLastLinesAsync(release, exception.Failure, stopping));
        }
    }

    private Task<Verdict> GateAsync(Deployment deployment, Step step, Func<Task<Verdict>> watch) =>
        recorder.StepAsync(deployment, step, watch, Told, verdict => verdict is Verdict.Passed);

    private static string Told(Verdict verdict) => verdict switch
    {
        Verdict.Passed { Note.Length: > 0 } passed => passed.Note,
        Verdict.Failed failed => failed.Failure.Message,
        Verdict.Disturbed disturbed => disturbed.Failure.Message,
        _ => "passing",
    };

    private async Task<Outcome> ConcludeAsync(Stack stack, Deployment deployment, Release release, int? lastKnownGood, Baseline baseline, Verdict verdict, CancellationToken stopping)
    {
        if (verdict is Verdict.Failed failed)
        {
            return await FailAsync(stack, deployment, release.Number, lastKnownGood, baseline, failed.Failure, stopping);
        }

        var note = ((Verdict.Passed)verdict).Note;
        recorder.Close(
            stack, deployment.Id, DeploymentResult.Committed, note, [],
            new StackChange { LastKnownGood = release.Number, Applied = release.Number, Commit = release.Number });
        Log.Committed(logger, stack.Name, release.Number, release.Revision?.ToString() ?? "");
        await retention.CleanAsync(stack);
        return new Outcome.Committed(release.Number, $"release {release} is healthy and committed as last known good{(note.Length > 0 ? $"; {note}" : "")}");
    }

    private async Task<Outcome> FailAsync(Stack stack, Deployment deployment, int release, int? lastKnownGood, Baseline baseline, Failure failure, CancellationToken stopping)
    {
        failure = recorder.Masked(stack, deployment.Id, failure);
        stopping.ThrowIfCancellationRequested(); // a host that shuts down ends containers, too: that says nothing of the release
        if (lastKnownGood is null || lastKnownGood == release || stack.OnFailure != FailurePolicy.Rollback)
        {
            return Leave(stack, deployment, release, lastKnownGood, failure);
        }

        journal.RecordFailure(deployment.Id, failure); // whoever finishes the rollback must be able to say why
        return await rollback.RunAsync(stack, deployment, release, baseline, failure, stopping);
    }

    private Outcome.Failed Leave(Stack stack, Deployment deployment, int release, int? lastKnownGood, Failure failure)
    {
        var quarantine = release == lastKnownGood ? null : QuarantineFor(deployment, release);
        recorder.Close(
            stack, deployment.Id, DeploymentResult.Failed, failure.Message, failure.Evidence,
            new StackChange { Applied = release, Quarantine = quarantine });
        Log.LeftAsItIs(logger, stack.Name, release, failure.Message);
        return new Outcome.Failed(release, failure);
    }

    /// <summary>A release that was proven before is not put away because the host would not take it back.</summary>
    internal static int? QuarantineFor(Deployment deployment, int release) =>
        deployment.Cause is Cause.ManualRollback or Cause.Drift ? null : release;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Release #{Release} ({Revision}) is committed: last known good")]
        public static partial void Committed(ILogger logger, StackName stack, int release, string revision);

        [LoggerMessage(LogLevel.Error, "{Stack}: Release #{Release} failed and was left as it is: {Reason}")]
        public static partial void LeftAsItIs(ILogger logger, StackName stack, int release, string reason);
    }
}
