namespace Eclusier.Operations;

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
