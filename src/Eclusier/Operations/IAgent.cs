using Eclusier.Core.Access;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>Everything a person can ask of Eclusier. Commands and the API know only this: one implementation does the work, the other asks the running daemon for it.</summary>
public interface IAgent
{
    Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken);

    /// <returns><c>null</c> when there is no such release.</returns>
    Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken);

    /// <summary>How one release differs from another, whatever runs.</summary>
    /// <returns><c>null</c> when there is no such release.</returns>
    Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken);

    /// <summary>What deploying the newest revision would change and why; touches nothing on the host.</summary>
    Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken);

    /// <summary>Checks and deploys now, and waits for the outcome.</summary>
    Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken);

    /// <param name="release">A committed release, or <c>null</c> for the one before the last known good.</param>
    Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken);

    Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken);

    Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken);

    Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken);

    /// <summary>Sends a test message, and waits for what becomes of it.</summary>
    /// <param name="notifier"><c>null</c>: to all.</param>
    Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken);

    /// <summary>Has the daemon take its configuration file as it is now.</summary>
    /// <exception cref="RequestException">The file cannot be used; the configuration before stays.</exception>
    Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken);

    Task<StatsReport> StatsAsync(CancellationToken cancellationToken);

    /// <summary>Containers' output and the deployment's own lines, oldest first; with <paramref name="follow"/> it goes on until cancelled.</summary>
    IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, CancellationToken cancellationToken);

    /// <summary>Has the daemon look for something new now, and does not wait for what comes of it. Many at once are one.</summary>
    Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken);

    Task<TokensReport> TokensAsync(CancellationToken cancellationToken);

    /// <param name="expiresAt"><c>null</c>: it does not end.</param>
    Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken);

    /// <returns>The tokens that are left.</returns>
    Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Who had what done, newest first.</summary>
    Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>A request that cannot be carried out as asked: an unknown stack, a release that never passed. The message is for the person.</summary>
public sealed class RequestException(string message) : Exception(message);

/// <summary>A stack at a glance.</summary>
public sealed record StackStatus
{
    public required string Stack { get; init; }

    /// <summary><c>healthy</c>, <c>unhealthy</c>, <c>deploying</c>, <c>waiting</c>, <c>behind</c>, <c>rolled-back</c>, <c>rejected</c>, <c>unavailable</c>, <c>suspended</c>, <c>empty</c> (nothing deployed yet).</summary>
    public required string State { get; init; }

    /// <summary>What is going on, in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What the source pointed to at the last check.</summary>
    public RevisionReport? Desired { get; init; }

    /// <summary>The release that runs, as far as is known.</summary>
    public ReleaseSummary? Running { get; init; }

    public ReleaseSummary? LastKnownGood { get; init; }

    /// <summary>Releases in quarantine, newest first.</summary>
    public IReadOnlyList<ReleaseSummary> Quarantined { get; init; } = [];

    /// <summary>Services and containers as they are now; empty when the engine did not answer.</summary>
    public IReadOnlyList<ServiceStatus> Services { get; init; } = [];

    /// <summary>
    /// <c>true</c> when the folders of the last known good release and of the one before it are whole, and every image of them is on this host; <c>null</c>: it cannot be told.
    /// </summary>
    public bool? RollbackPossible { get; init; }

    /// <summary>What is damaged or missing, and why it could not be fetched again; <c>null</c>: nothing, or it is not known.</summary>
    public string? RollbackObstacle { get; init; }

    /// <summary>Releases whose folders were damaged and set aside, a sentence each.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];

    /// <summary><c>true</c> when all containers of the last known good release are as they should be; <c>null</c>: it cannot be told, or is being changed.</summary>
    public bool? Healthy { get; init; }

    public string? SuspendedBecause { get; init; }

    /// <summary>What troubles it: the kind, since when, until when (a wait's deadline).</summary>
    public TroubleReport? Trouble { get; init; }

    /// <summary>How the host differs from the last known good release without a git change; <c>null</c>: it does not, or it is not looked at.</summary>
    public DriftReport? Drift { get; init; }

    /// <summary>What followed tags moved to and is not old enough to be taken.</summary>
    public IReadOnlyList<YoungImageReport> HeldBack { get; init; } = [];

    public DateTimeOffset? LastCheckAt { get; init; }

    public DateTimeOffset? NextCheckAt { get; init; }

    /// <summary>The deployment under way, if any.</summary>
    public DeploymentReport? Deployment { get; init; }
}

public sealed record RevisionReport(string Ref, string Commit, string Subject);

public sealed record TroubleReport(string Kind, string Message, DateTimeOffset Since, DateTimeOffset? Until, int Attempts);

public sealed record DriftReport(string Message, DateTimeOffset Since);

/// <summary>What a followed tag moved to, and from when on it is taken.</summary>
public sealed record YoungImageReport(string Image, string Digest, DateTimeOffset FirstSeenAt, DateTimeOffset TakenFrom);

public sealed record ServiceStatus(string Service, string Container, string State, string Health, string Image, long Restarts, DateTimeOffset? StartedAt);

public sealed record ReleaseSummary
{
    public required int Number { get; init; }

    public required string Id { get; init; }

    public string? Commit { get; init; }

    public string Subject { get; init; } = "";

    public required DateTimeOffset PreparedAt { get; init; }

    public DateTimeOffset? CommittedAt { get; init; }

    public DateTimeOffset? QuarantinedAt { get; init; }

    public string? QuarantineReason { get; init; }

    public bool IsLastKnownGood { get; init; }
}

public sealed record HistoryReport(IReadOnlyList<DeploymentReport> Deployments, IReadOnlyList<ReleaseSummary> Releases);

/// <summary>A deployment in words and times.</summary>
public sealed record DeploymentReport
{
    public required long Id { get; init; }

    public required string Stack { get; init; }

    /// <summary><c>commit</c>, <c>configuration-changed</c>, <c>image-moved</c>, <c>command</c>, <c>retry</c>, <c>manual-rollback</c>, <c>drift</c>.</summary>
    public required string Cause { get; init; }

    public string CauseDetail { get; init; } = "";

    public required string Commit { get; init; }

    public string Subject { get; init; } = "";

    public int? Release { get; init; }

    public int? Previous { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary><c>committed</c>, <c>rolled-back</c>, <c>rollback-failed</c>, <c>failed</c>, <c>rejected</c>, <c>expired</c>, <c>superseded</c>, <c>up-to-date</c>, <c>interrupted</c>; <c>null</c> while open.</summary>
    public string? Result { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<StepReport> Steps { get; init; } = [];

    public IReadOnlyList<EvidenceReport> Evidence { get; init; } = [];
}

public sealed record StepReport(string Step, DateTimeOffset StartedAt, double? Seconds, bool? Succeeded, string Detail);

public sealed record EvidenceReport(string Subject, string Text);

/// <summary>A release in full.</summary>
public sealed record ReleaseReport
{
    public required ReleaseSummary Release { get; init; }

    public required string Repository { get; init; }

    public RevisionReport? Revision { get; init; }

    public string? Author { get; init; }

    public DateTimeOffset? CommittedInGitAt { get; init; }

    public IReadOnlyList<ReleaseServiceReport> Services { get; init; } = [];

    public IReadOnlyList<string> ComposeFiles { get; init; } = [];

    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DeploymentReport> Deployments { get; init; } = [];
}

public sealed record ReleaseServiceReport(string Service, string Image, string Reference, string KeepTag, bool Present);

public sealed record PlanReport
{
    public required string Stack { get; init; }

    public required RevisionReport Revision { get; init; }

    public int? From { get; init; }

    public bool HasChanges { get; init; }

    /// <summary>The release this plan leads to is in quarantine.</summary>
    public bool IsQuarantined { get; init; }

    public IReadOnlyList<ServiceChangeReport> Changes { get; init; } = [];

    /// <summary>What would stop it: a port that is taken, say.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    public string Message { get; init; } = "";
}

/// <summary>What happens to a service.</summary>
/// <param name="Action"><c>create</c>, <c>recreate</c>, <c>start</c>, <c>scale</c>, <c>remove</c>, <c>signal</c> or <c>keep</c>.</param>
/// <param name="Signal">The signal that a service gets instead of new containers.</param>
public sealed record ServiceChangeReport(string Service, string Action, IReadOnlyList<string> Reasons, string? Signal = null);

/// <summary>How a request ended.</summary>
/// <param name="Outcome"><c>up-to-date</c>, <c>committed</c>, <c>rolled-back</c>, <c>rollback-failed</c>, <c>failed</c>, <c>rejected</c>, <c>waiting</c>, <c>expired</c>, <c>blocked</c>, <c>unavailable</c>, <c>done</c>.</param>
/// <param name="Deployment">The deployment it was, if there was one.</param>
public sealed record OutcomeReport(string Stack, string Outcome, string Message, DeploymentReport? Deployment);

public sealed record StatsReport
{
    public DateTimeOffset? DaemonStartedAt { get; init; }

    public IReadOnlyList<StackStats> Stacks { get; init; } = [];

    /// <summary>How it stands with each notifier that ever had something to tell.</summary>
    public IReadOnlyList<NotifierStats> Notifiers { get; init; } = [];
}

/// <summary>What a notifier has told, and has not.</summary>
/// <param name="Outstanding">Not delivered yet; tried again.</param>
/// <param name="GivenUp">Within the last 30 days.</param>
/// <param name="OldestAt">When the oldest outstanding event happened.</param>
/// <param name="Error">Why the oldest outstanding one, or else the one given up last, was not delivered; may be empty.</param>
public sealed record NotifierStats(string Notifier, int Outstanding, int GivenUp, DateTimeOffset? OldestAt, DateTimeOffset? DeliveredAt, string Error);

/// <summary>What a reload came to.</summary>
/// <param name="Stacks">All that are kept now.</param>
/// <param name="Removed">No longer kept: what is under way is finished, and their containers stay as they are.</param>
/// <param name="NeedsRestart">What is different now, but only counts once the daemon is restarted.</param>
public sealed record ReloadReport(IReadOnlyList<string> Stacks, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> NeedsRestart);

/// <summary>What became of test messages.</summary>
public sealed record NotifyReport(IReadOnlyList<NotifierTest> Tests);

/// <param name="Error">Why it did not arrive; <c>null</c> when it did.</param>
public sealed record NotifierTest(string Notifier, string Type, bool Delivered, string? Error);

public sealed record StackStats
{
    public required string Stack { get; init; }

    public DateTimeOffset? LastCheckAt { get; init; }

    /// <summary>Deployments by result since midnight UTC.</summary>
    public IReadOnlyDictionary<string, int> Today { get; init; } = new Dictionary<string, int>();

    /// <summary>Deployments by result within the last 7 days.</summary>
    public IReadOnlyDictionary<string, int> SevenDays { get; init; } = new Dictionary<string, int>();

    /// <summary>Median time of the committed deployments of the last 7 days.</summary>
    public double? MedianSeconds { get; init; }

    public DateTimeOffset? LastCommittedAt { get; init; }
}

/// <summary>A line of what is being done, as the journal shows it.</summary>
/// <param name="Level"><c>information</c>, <c>warning</c>, <c>error</c>.</param>
public sealed record ProgressLine(DateTimeOffset At, string Stack, string Level, string Message);

/// <summary>A line of a container's or of a deployment's log.</summary>
/// <param name="Source">The container's name, or <c>eclusier</c>.</param>
public sealed record LogEntry(DateTimeOffset At, string Source, string Text);
