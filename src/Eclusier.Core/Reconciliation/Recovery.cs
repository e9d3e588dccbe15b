using System.Collections.Concurrent;
using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Planning;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Finishes or gives up what was interrupted: by the end of the agent, or by a failure of its own, as a full disk.</summary>
public sealed partial class Recovery(
    Trial trial, BootGrace boot, DamagedReleases damaged, IEngine engine, IReleaseStore releases, IJournal journal,
    DeploymentRecorder recorder, TimeProvider timeProvider, ILogger<Recovery> logger)
{
    /// <summary>So often applying is begun before the release itself is suspected.</summary>
    private const int MostStarts = 2;

    /// <summary>So many agents take a deployment up and die before the release is suspected.</summary>
    private const int SuspectAfter = 3;

    /// <summary>So many agents take a deployment up and die before a person must look.</summary>
    private const int LeaveAloneAfter = 6;

    private readonly ConcurrentDictionary<long, bool> counted = new(); // by this agent: it is asked again when the engine was away

    /// <summary>At the agent's start.</summary>
    /// <returns>What came of it, or <c>null</c> when nothing had been touched.</returns>
    public async Task<Outcome?> RecoverAsync(Stack stack, CancellationToken stopping)
    {
        damaged.SetAside(stack);
        if (journal.FindOpen(stack.Name) is { HasTouchedTheHost: false } untouched)
        {
            Log.Interrupted(logger, stack.Name, untouched.Commit.Short);
            CloseUntouched(stack, "the agent stopped before anything was touched");
        }
        else if (journal.FindOpen(stack.Name) is { Release: { } number } open && counted.TryAdd(open.Id, true) && journal.CountRecovery(open.Id) >= LeaveAloneAfter)
        {
            return LeaveAlone(stack, open, number);
        }

        return await FinishAsync(stack, stopping);
    }

    /// <summary>Closes what was left open before it touched anything; the next pass begins it anew.</summary>
    public void CloseUntouched(Stack stack, string reason)
    {
        if (journal.FindOpen(stack.Name) is { HasTouchedTheHost: false } open)
        {
            // first: what it had settled on already was not tried. Where a person or a failed rollback holds the stack, that stays so
            journal.Settle(stack.Name, open.Cause is Cause.ManualRollback or Cause.Drift ? open.SettledBefore : null);
            journal.Close(open.Id, DeploymentResult.Interrupted, reason, [], new StackChange(), timeProvider.GetUtcNow(), announcement: null); // the next pass tells
        }
    }

    /// <summary>The agent stops because it was told to: that is not held against the release.</summary>
    public void NoteOrderlyStop(Stack stack)
    {
        try
        {
            if (journal.FindOpen(stack.Name) is { HasTouchedTheHost: true } open)
            {
                journal.RecordOrderlyStop(open.Id);
            }
        }
        catch (FailureException exception)
        {
            Log.StopNotNoted(logger, stack.Name, exception.Message); // then it counts as if it had been killed
        }
    }

    /// <summary>Brings a deployment that touched the host to its end, before anything else is begun.</summary>
    public async Task<Outcome?> FinishAsync(Stack stack, CancellationToken stopping)
    {
        if (journal.FindOpen(stack.Name) is not { HasTouchedTheHost: true, Release: { } number } open || journal.FindRelease(stack.Name, number) is not { } entry)
        {
            return null;
        }

        var step = open.LastStep!;
        Log.Recovering(logger, stack.Name, number, step.Step);
        if (step.Step is Step.RollBack or Step.Verify)
        {
            return await trial.GiveUpAsync(stack, open, number, FailureOf(open), stopping);
        }

        if (open.Recoveries >= SuspectAfter)
        {
            return await GiveUpAsync($"the agent ended {open.Recoveries} times while this release was tried");
        }

        Release release;
        try
        {
            release = releases.Load(stack.Name, entry.Id);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            return await GiveUpAsync(exception.Message); // its folder is damaged: it can neither be applied nor judged
        }

        var hasStarted = await boot.AwaitAsync(stack, stopping);
        var live = await engine.ObserveAsync(release.Project, stopping);
        var model = releases.LoadModel(stack.Name, entry.Id);
        var isApplied = !hasStarted && step.Step is not Step.Apply && Planner.Compare(model, release.Services, live, model, reloads: new Dictionary<string, Reload>()).All(change => change.Action == ServiceAction.Keep);
        if (step.Step is Step.Soak && !hasStarted && (!isApplied || live.Containers.Any(container => container.RestartCount > 0 && container.StartedAt > step.StartedAt)))
        {
            return await GiveUpAsync("it did not stay up while the agent was away during the soak");
        }

        var outcome = !isApplied && open.Starts >= MostStarts
            ? await GiveUpAsync($"the agent was interrupted {open.Starts} times while applying it")
            : await trial.ResumeAsync(stack, open, release, isApplied, hasStarted, stopping);
        boot.Record(stack);
        return outcome;

        Task<Outcome> GiveUpAsync(string why) => trial.GiveUpAsync(stack, open, number, new Failure(FailureKind.DeploymentFailed, why), stopping);
    }

    /// <summary>Whatever it is that ends the agent each time: nothing more is done until a person has looked.</summary>
    private Outcome LeaveAlone(Stack stack, Deployment open, int release)
    {
        var why = new Failure(FailureKind.DeploymentFailed, $"{LeaveAloneAfter} agents in a row ended before the deployment of release #{release} was finished; what runs was left as it is");
        var failure = FailureOf(open);
        var hasWayBack = journal.ReadState(stack.Name).LastKnownGood is { } lastKnownGood && lastKnownGood != release;
        Log.LeftAlone(logger, stack.Name, why.Message);
        recorder.Close(
            stack, open.Id, hasWayBack ? DeploymentResult.RollbackFailed : DeploymentResult.Failed, $"{failure.Message}; {why.Message}", failure.Evidence,
            new StackChange
            {
                Applied = release,
                Quarantine = hasWayBack ? Trial.QuarantineFor(open, release) : null,
                Suspend = $"{why.Message}; find out what ends the agent, then `eclusier resume {stack.Name}`",
            });
        return hasWayBack ? new Outcome.RollbackFailed(release, failure, why) : new Outcome.Failed(release, why);
    }

    /// <summary>Why it is being rolled back, as the journal was told before that began.</summary>
    private static Failure FailureOf(Deployment open)
    {
        var failed = open.Steps.LastOrDefault(step => step is { Step: < Step.RollBack, Succeeded: false });
        var message = open.Reason.Length > 0 ? open.Reason : failed?.Detail ?? "it was interrupted";
        return new Failure(FailureKind.DeploymentFailed, message) { Evidence = open.Evidence };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: The deployment of {Commit} was interrupted before anything was touched; looking again")]
        public static partial void Interrupted(ILogger logger, StackName stack, string commit);

        [LoggerMessage(LogLevel.Warning, "{Stack}: The deployment of release #{Release} was interrupted at {Step}; finishing it")]
        public static partial void Recovering(ILogger logger, StackName stack, int release, Step step);

        [LoggerMessage(LogLevel.Critical, "{Stack}: {Reason}; the stack is suspended")]
        public static partial void LeftAlone(ILogger logger, StackName stack, string reason);

        [LoggerMessage(LogLevel.Warning, "{Stack}: That the agent stops could not be written down: {Reason}")]
        public static partial void StopNotNoted(ILogger logger, StackName stack, string reason);
    }
}
