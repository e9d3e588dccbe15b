using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Preparing;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Drift;

/// <summary>Looks whether the host still is at the last known good release, and brings it back, or says so, when it is not.</summary>
/// <remarks>One look at a time per stack, and never while one of its deployments is at work on the host: the caller sees to that.</remarks>
public sealed partial class DriftWatch(
    IEngine engine, IEngineWatch watch, QuietEngine quiet, StoppedContainers stopped, IWorkTree workTree, IReleaseStore releases, ReleasePreparer preparer, Trial trial, Recovery recovery,
    IJournal journal, Announcer announcer, DeploymentRecorder recorder, DeploymentSlots slots, TimeProvider timeProvider, ILogger<DriftWatch> logger)
{
    /// <summary>So many deployments back, the pace of healing is read from.</summary>
    private const int Lookback = 12;

    /// <summary>Where each stack was last seen to be.</summary>
    private readonly ConcurrentDictionary<StackName, (string Release, QuietEngine.Moment Since)> inOrder = new();

    /// <summary>At each interval, after the source was asked: whatever keeps the stack from its source keeps nobody from putting right what runs.</summary>
    /// <returns>What the pass came to.</returns>
    public async Task<Outcome> AfterAsync(Stack stack, Outcome outcome, CancellationToken stopping)
    {
        if (outcome is Outcome.Committed or Outcome.RolledBack or Outcome.RollbackFailed or Outcome.Failed)
        {
            return outcome; // a deployment has just looked
        }

        var look = await LookAsync(stack, stopping);
        return outcome is Outcome.Waiting ? outcome : look.Outcome ?? outcome; // what is waited for is looked for sooner than the interval
    }

    /// <summary>Looks once; heals where the stack's policy says so and it is time.</summary>
    public async Task<DriftLook> LookAsync(Stack stack, CancellationToken stopping)
    {
        try
        {
            if (stack.Drift is DriftPolicy.Ignore || FindBasis(stack) is not { } basis)
            {
                Forget(stack);
                return DriftLook.Nothing;
            }

            if (await IsStillInOrderAsync(stack, basis, stopping))
            {
                return DriftLook.Nothing;
            }

            var release = releases.Load(stack.Name, basis.Id);
            var (deviations, since) = await CompareAsync(stack, release, stopping);
            if (deviations.Count > 0)
            {
                // once more a little later: somebody may be in the middle of a restart
                await Task.Delay(HealingPace.First, timeProvider, stopping);
                (deviations, since) = await CompareAsync(stack, release, stopping);
            }

            if (deviations.Count > 0)
            {
                return await AnswerAsync(stack, release, deviations, stopping);
            }

            inOrder[stack.Name] = (basis.Id, since);
            return AtRelease(stack);
        }
        catch (FailureException exception)
        {
            Log.NotLooked(logger, stack.Name, exception.Message); // unknown is not drift; the next look is never far
            return DriftLook.Nothing;
        }
    }

    /// <summary>The release that the host should be at.</summary>
    /// <returns><c>null</c> while there is none, or another deployment of the stack has the host.</returns>
    private ReleaseEntry? FindBasis(Stack stack)
    {
        var state = journal.ReadState(stack.Name);
        return state.LastKnownGood is { } number && (state.Applied ?? number) == number && !(state.HasOpen && journal.FindOpen(stack.Name) is { HasTouchedTheHost: true })
            && journal.FindRelease(stack.Name, number) is { } entry && releases.FindDamage(stack.Name, entry.Id) is null
            ? entry
            : null;
    }

    /// <summary>All was in order, and the engine has told of nothing since. Files are looked at: of them nobody tells.</summary>
    private async Task<bool> IsStillInOrderAsync(Stack stack, ReleaseEntry basis, CancellationToken cancellationToken)
    {
        if (inOrder.TryGetValue(stack.Name, out var last) && last.Release == basis.Id && quiet.WasQuietSince(last.Since)
            && (await FindEditsAsync(stack, basis.Commit, cancellationToken)).Count == 0)
        {
            return true;
        }

        inOrder.TryRemove(stack.Name, out _);
        return false;
    }

    /// <returns>What differs, and since when the engine has to have been quiet for it to be so still.</returns>
    private async Task<(IReadOnlyList<Deviation> Deviations, QuietEngine.Moment Since)> CompareAsync(Stack stack, Release release, CancellationToken cancellationToken)
    {
        var since = quiet.NowOfProject(release.Project); // first: what happens from here on is looked at again
        var model = releases.LoadModel(stack.Name, release.Id);
        var live = await engine.ObserveAsync(release.Project, cancellationToken);
        var networks = await watch.FindNetworksAsync([.. DriftExam.NamesOf(model, "networks")], cancellationToken);
        var volumes = await watch.FindVolumesAsync([.. DriftExam.NamesOf(model, "volumes")], cancellationToken);
        var edited = await FindEditsAsync(stack, release.Revision?.Commit, cancellationToken);
        return (DriftExam.Examine(release, model, new HostLook(live, networks, volumes, stopped.Read(), edited)), since);
    }

    private async Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId? commit, CancellationToken cancellationToken) =>
        commit is null ? [] : await workTree.FindEditsAsync(stack, commit, cancellationToken);

    private DriftLook AtRelease(Stack stack)
    {
        if (journal.ReadState(stack.Name).Drift is { } before)
        {
            Log.Back(logger, stack.Name, before.Message);
            journal.RecordDrift(stack.Name, null);
        }

        return DriftLook.Nothing;
    }

    private void Forget(Stack stack)
    {
        if (journal.ReadState(stack.Name).Drift is not null)
        {
            journal.RecordDrift(stack.Name, null);
        }
    }

    private async Task<DriftLook> AnswerAsync(Stack stack, Release release, IReadOnlyList<Deviation> deviations, CancellationToken stopping)
    {
        var now = timeProvider.GetUtcNow();
        var state = journal.ReadState(stack.Name);
        var message = string.Join("; ", deviations);
        var isNews = state.Drift?.Message != message;
        if (isNews)
        {
            Log.Left(logger, stack.Name, release.Number, message);
            var told = stack.Drift is DriftPolicy.Report ? announcer.OfDrift(stack, $"{now.UtcDateTime:o}", message, now) : null; // a healing tells by itself
            journal.RecordDrift(stack.Name, new DriftState(message, now), told);
        }

        if (stack.Drift is DriftPolicy.Report || state.IsSuspended)
        {
            return new DriftLook(deviations, null, null);
        }

        var (inARow, notBefore) = HealingPace.Of(journal.ReadDeployments(stack.Name, Lookback), now);
        if (now >= notBefore)
        {
            var outcome = await HealAsync(stack, release, message, inARow, stopping);
            if (outcome is Outcome.Committed)
            {
                journal.RecordDrift(stack.Name, null);
            }

            return new DriftLook(deviations, outcome, timeProvider.GetUtcNow());
        }

        if (isNews && inARow >= HealingPace.Repeated)
        {
            Log.KeepsLeaving(logger, stack.Name, release.Number, inARow, notBefore, message);
            Announce(announcer.OfDrift(stack, $"keeps-leaving/{now.UtcDateTime:o}", $"it was put right {inARow} times in a row and does not stay so; next try at {notBefore:u}: {message}", now));
        }

        return new DriftLook(deviations, null, notBefore);
    }

    private async Task<Outcome> HealAsync(Stack stack, Release release, string message, int healedBefore, CancellationToken stopping)
    {
        using var slot = await slots.TakeAsync(stopping);
        recovery.CloseUntouched(stack, "what was awaited is begun anew: the host had left the release and was put right first");
        var entry = journal.FindRelease(stack.Name, release.Number)!;
        var detail = healedBefore == 0 ? message : $"{message} (put right {healedBefore} times in a row before)";
        Log.Healing(logger, stack.Name, release.Number, detail);
        var deployment = journal.Open(stack.Name, Cause.Drift, detail, entry.Commit ?? CommitId.None, release.Number, timeProvider.GetUtcNow());
        try
        {
            var recalled = await recorder.StepAsync(deployment, Step.Stage, () => preparer.RecallAsync(stack, entry, stopping), kept => $"release {kept} is here");
            journal.RecordRelease(deployment.Id, recalled);
            return await trial.RunAsync(stack, deployment with { Release = release.Number }, recalled, stopping);
        }
        catch (FailureException exception) when (journal.FindDeployment(deployment.Id) is { IsOpen: true, HasTouchedTheHost: false })
        {
            recorder.Close(stack, deployment.Id, DeploymentResult.Failed, exception.Message, exception.Failure.Evidence, new StackChange());
            return new Outcome.Failed(release.Number, exception.Failure);
        }
    }

    private void Announce(Announcement? announcement)
    {
        if (announcement is not null)
        {
            journal.Announce(announcement);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: Drift: the host left release #{Release}: {Message}")]
        public static partial void Left(ILogger logger, StackName stack, int release, string message);

        [LoggerMessage(LogLevel.Information, "{Stack}: The host is back at its release; it was not so: {Message}")]
        public static partial void Back(ILogger logger, StackName stack, string message);

        [LoggerMessage(LogLevel.Information, "{Stack}: Putting release #{Release} right: {Message}")]
        public static partial void Healing(ILogger logger, StackName stack, int release, string message);

        [LoggerMessage(LogLevel.Error, "{Stack}: Release #{Release} was put right {Count} times in a row and does not stay so; next try at {At:u}: {Message}")]
        public static partial void KeepsLeaving(ILogger logger, StackName stack, int release, int count, DateTimeOffset at, string message);

        [LoggerMessage(LogLevel.Debug, "{Stack}: Whether the host left its release could not be told: {Reason}")]
        public static partial void NotLooked(ILogger logger, StackName stack, string reason);
    }
}

/// <summary>What a look after drift found.</summary>
/// <param name="Outcome">What came of putting it right; <c>null</c>: that was not tried.</param>
/// <param name="LookAgainAt">When there is a reason to look again before the next interval.</param>
public sealed record DriftLook(IReadOnlyList<Deviation> Deviations, Outcome? Outcome, DateTimeOffset? LookAgainAt)
{
    public static DriftLook Nothing { get; } = new([], null, null);
}
