using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Eclusier.Core.Images;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>Says at a glance how a stack is: from what is remembered, and from what runs.</summary>
public sealed class StatusReports(IJournal journal, IReleaseStore releases, IEngine engine, LostMemory memory, Holdups holdups, WayBack wayBack)
{
    /// <param name="unwritten">What keeps the journal from being written: it counts for more than what the journal said last.</param>
    public async Task<StackStatus> ReadAsync(Stack stack, Trouble? unwritten, CancellationToken cancellationToken)
    {
        var state = journal.ReadState(stack.Name);
        var entries = journal.ReadReleases(stack.Name);
        var open = journal.FindOpen(stack.Name);
        var host = await LookAsync(stack, state, entries, cancellationToken);
        var holdup = open is { HasTouchedTheHost: true } ? unwritten ?? holdups.Find(stack.Name) ?? TroubleOf(open, state) : null;
        var (word, message) = holdup is not null ? ("deploying", $"{StepOf(open!)} waits since {holdup.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {holdup.Message}")
            : unwritten is null ? Judge(state, entries, open, LastAttempt(stack.Name, state), host) : ("unavailable", unwritten.Message);
        return new StackStatus
        {
            Stack = stack.Name.Value,
            State = word,
            Message = message,
            Desired = state.SeenHead is { } head ? new RevisionReport(head.RefName, head.Commit.Value, SubjectOf(stack.Name, head.Commit, entries)) : null,
            Running = Summary(state.Applied ?? host.Recognised, entries, state),
            LastKnownGood = Summary(state.LastKnownGood, entries, state),
            Quarantined = [.. entries.Where(entry => entry.IsQuarantined).Select(entry => Reports.Of(entry, state.LastKnownGood))],
            Services = [.. (host.Live?.Containers ?? []).Where(container => !container.IsOneOff).OrderBy(container => container.Service, StringComparer.Ordinal).ThenBy(container => container.Name, StringComparer.Ordinal)
                .Select(container => new ServiceStatus(container.Service, container.Name, container.State, container.Health, container.Image, container.RestartCount, container.StartedAt))],
            RollbackPossible = host.LacksForRollback is { } lacks ? lacks.Length == 0 : null,
            RollbackObstacle = host.LacksForRollback is { Length: > 0 } obstacle ? obstacle : null,
            Damaged = [.. releases.ListSetAside(stack.Name).Select(folder => $"{Named(folder.Id, entries)}: its folder was damaged and is kept as {folder.Path}")],
            Healthy = host.Live is null || state.LastKnownGood is null || open is { HasTouchedTheHost: true } || host.LacksForRollback is null ? null : host.Findings.Count == 0,
            SuspendedBecause = state.Suspension?.Reason,
            Trouble = (unwritten ?? holdup ?? state.Trouble) is { } trouble ? new TroubleReport(trouble.Kind.ToWord(), trouble.Message, trouble.Since, trouble.Until, trouble.Attempts) : null,
            Drift = state.Drift is { } drift ? new DriftReport(drift.Message, drift.Since) : null,
            HeldBack = stack.Images is { FollowsAny: true, MinAge.Ticks: > 0 }
                ? [.. YoungImage.Parse(state.YoungImages).Select(image => new YoungImageReport(image.Image, image.Digest, image.FirstSeenAt, image.FirstSeenAt + stack.Images.MinAge))]
                : [],
            LastCheckAt = state.LastCheckAt,
            NextCheckAt = state.NextCheckAt,
            Deployment = open is null ? null : Reports.Of(open),
        };
    }

    /// <summary>The newest attempt that says something of the commit that is desired now.</summary>
    private Deployment? LastAttempt(StackName stack, StackState state) => journal.ReadDeployments(stack, limit: 20)
        .FirstOrDefault(deployment => deployment.Result is not null and not DeploymentResult.UpToDate and not DeploymentResult.Superseded and not DeploymentResult.Interrupted and not DeploymentResult.Blocked
            && (deployment.Commit == state.SeenHead?.Commit || deployment.Cause is Cause.ManualRollback));

    private static (string Word, string Message) Judge(StackState state, IReadOnlyList<ReleaseEntry> entries, Deployment? open, Deployment? last, Host host)
    {
        if (open is not null)
        {
            return state.Trouble switch
            {
                { Kind: FailureKind.Waiting } waiting => ("waiting", waiting.Message),
                { } trouble when !open.HasTouchedTheHost => ("unavailable", trouble.Message),
                _ => ("deploying", $"{StepOf(open)}: {open.Commit.Short} {open.Subject}{(host.Live is null ? $"; {host.Trouble}" : "")}"),
            };
        }

        if (state.Suspension is { } suspension)
        {
            return ("suspended", suspension.Reason);
        }

        if (state.Trouble is { Kind: FailureKind.Transient or FailureKind.Ambiguous } away)
        {
            return ("unavailable", away.Message);
        }

        if (state.Trouble is { Kind: FailureKind.Rejected } wrong)
        {
            return ("rejected", wrong.Message);
        }

        return (last?.Result, host) switch
        {
            (DeploymentResult.Rejected or DeploymentResult.Expired, _) => ("rejected", last!.Reason),
            (DeploymentResult.RollbackFailed, { Findings.Count: 0, Live: not null }) when state.Applied == state.LastKnownGood => ("rolled-back", $"release #{last!.Release} failed; release #{state.LastKnownGood} runs again since a later try: {last.Reason}"),
            (DeploymentResult.RolledBack, { Findings.Count: 0 }) => ("rolled-back", $"release #{last!.Release} failed and was rolled back: {last.Reason}"),
            (DeploymentResult.Failed or DeploymentResult.RollbackFailed, _) => ("failed", last!.Reason),
            _ when state.LastKnownGood is null => ("empty", "nothing was deployed yet"),
            (_, { Live: null }) => ("unavailable", host.Trouble),
            _ when state.Drift is { } drift => ("drifted", drift.Message),
            (_, { Findings.Count: > 0 }) => ("unhealthy", string.Join("; ", host.Findings)),
            (DeploymentResult.Committed, _) when last!.Cause is Cause.ManualRollback && IsBehind(state, entries) => ("behind", $"held at release #{state.LastKnownGood} by a manual rollback, until a newer commit"),
            _ when state.LastCheckMessage.Length > 0 => ("healthy", state.LastCheckMessage),
            _ => ("healthy", $"release #{state.LastKnownGood} runs"),
        };
    }

    /// <summary>What the last pass stumbled over, if that was in the step that is under way still.</summary>
    private static Trouble? TroubleOf(Deployment open, StackState state) =>
        state.Trouble is { Kind: FailureKind.Transient } && state.LastCheckAt >= open.LastStep!.StartedAt ? state.Trouble : null;

    private static string StepOf(Deployment open) => open.LastStep?.Step.ToWord() ?? "beginning";

    private static bool IsBehind(StackState state, IReadOnlyList<ReleaseEntry> entries) =>
        entries.FirstOrDefault(entry => entry.Number == state.LastKnownGood)?.Commit != state.SeenHead?.Commit;

    private string SubjectOf(StackName stack, Core.Sources.CommitId commit, IReadOnlyList<ReleaseEntry> entries) =>
        entries.FirstOrDefault(entry => entry.Commit == commit)?.Subject
        ?? journal.ReadDeployments(stack, limit: 20).FirstOrDefault(deployment => deployment.Commit == commit)?.Subject
        ?? "";

    private static ReleaseSummary? Summary(int? number, IReadOnlyList<ReleaseEntry> entries, StackState state) =>
        entries.FirstOrDefault(entry => entry.Number == number) is { } entry ? Reports.Of(entry, state.LastKnownGood) : null;

    private async Task<Host> LookAsync(Stack stack, StackState state, IReadOnlyList<ReleaseEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            var live = await engine.ObserveAsync(stack.Project, cancellationToken);
            if (entries.FirstOrDefault(entry => entry.Number == state.LastKnownGood) is not { } entry)
            {
                return new Host(live, [], null, "") { Recognised = memory.IsRebuilt(stack.Name) ? memory.FindRunning(stack.Name, live) : null };
            }

            if (releases.FindDamage(stack.Name, entry.Id) is { } damage)
            {
                return new Host(live, [], damage, "");
            }

            var release = releases.Load(stack.Name, entry.Id);
            var restarts = live.Containers.ToDictionary(container => container.Id, container => container.RestartCount); // how it is, not how it was
            var obstacles = await wayBack.FindObstaclesAsync(stack, cancellationToken);
            return new Host(live, ContainerExam.Examine(release, live, restarts, isSoaking: false), obstacles is null ? null : string.Join("; ", obstacles), "");
        }
        catch (FailureException exception)
        {
            return new Host(null, [], null, exception.Message);
        }
    }

    private static string Named(string id, IReadOnlyList<ReleaseEntry> entries) => entries.FirstOrDefault(entry => entry.Id == id) is { } entry ? $"release #{entry.Number}" : $"release {id[..Math.Min(12, id.Length)]}";

    /// <param name="LacksForRollback">What keeps last known good from being gone back to; empty: nothing; <c>null</c>: it is not known.</param>
    /// <param name="Trouble">Why the engine could not be asked.</param>
    private sealed record Host(LiveStack? Live, IReadOnlyList<Finding> Findings, string? LacksForRollback, string Trouble)
    {
        /// <summary>The release that runs, where only what runs tells it.</summary>
        public int? Recognised { get; init; }
    }
}
