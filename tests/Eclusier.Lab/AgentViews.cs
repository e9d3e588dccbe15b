namespace Eclusier.Lab;

/// <summary>What <c>eclusier status STACK --output json</c> says, as far as tests look: their own reading of the promised names.</summary>
public sealed record StatusView
{
    public required string Stack { get; init; }

    public required string State { get; init; }

    public string Message { get; init; } = "";

    public RevisionView? Desired { get; init; }

    public ReleaseView? Running { get; init; }

    public ReleaseView? LastKnownGood { get; init; }

    public IReadOnlyList<ReleaseView> Quarantined { get; init; } = [];

    public IReadOnlyList<ServiceView> Services { get; init; } = [];

    public bool? RollbackPossible { get; init; }

    public string? RollbackObstacle { get; init; }

    public IReadOnlyList<string> Damaged { get; init; } = [];

    public string? SuspendedBecause { get; init; }

    public TroubleView? Trouble { get; init; }

    public DriftView? Drift { get; init; }

    public IReadOnlyList<YoungImageView> HeldBack { get; init; } = [];

    public DateTimeOffset? LastCheckAt { get; init; }

    public DateTimeOffset? NextCheckAt { get; init; }

    public DeploymentView? Deployment { get; init; }

    public override string ToString() => $"{State}: {Message} (last known good {LastKnownGood?.ToString() ?? "none"})";
}

public sealed record RevisionView(string Ref, string Commit, string Subject);

public sealed record TroubleView(string Kind, string Message, DateTimeOffset Since, DateTimeOffset? Until, int Attempts);

public sealed record DriftView(string Message, DateTimeOffset Since);

public sealed record YoungImageView(string Image, string Digest, DateTimeOffset FirstSeenAt, DateTimeOffset TakenFrom);

public sealed record ServiceView(string Service, string Container, string State, string Health, string Image, long Restarts, DateTimeOffset? StartedAt);

public sealed record ReleaseView
{
    public required int Number { get; init; }

    public required string Id { get; init; }

    public string? Commit { get; init; }

    public string Subject { get; init; } = "";

    public DateTimeOffset PreparedAt { get; init; }

    public DateTimeOffset? CommittedAt { get; init; }

    public DateTimeOffset? QuarantinedAt { get; init; }

    public string? QuarantineReason { get; init; }

    public bool IsLastKnownGood { get; init; }

    public override string ToString() => $"#{Number} {Commit?[..7]} {Subject}";
}

/// <summary>What <c>eclusier history STACK --output json</c> says.</summary>
/// <param name="Deployments">Newest first.</param>
public sealed record HistoryView(IReadOnlyList<DeploymentView> Deployments, IReadOnlyList<ReleaseView> Releases)
{
    public override string ToString() => string.Join("; ", Deployments.Select(deployment => deployment.ToString()));
}

public sealed record DeploymentView
{
    public required long Id { get; init; }

    public required string Stack { get; init; }

    public required string Cause { get; init; }

    public string CauseDetail { get; init; } = "";

    public required string Commit { get; init; }

    public string Subject { get; init; } = "";

    public int? Release { get; init; }

    public int? Previous { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary><c>null</c> while it is open.</summary>
    public string? Result { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<StepView> Steps { get; init; } = [];

    public IReadOnlyList<EvidenceView> Evidence { get; init; } = [];

    public override string ToString() => $"{Id} {Cause} {Commit[..7]} '{Subject}' {Result ?? "open"}{(Reason.Length > 0 ? $" ({Reason})" : "")}";
}

public sealed record StepView(string Step, DateTimeOffset StartedAt, double? Seconds, bool? Succeeded, string Detail);

public sealed record EvidenceView(string Subject, string Text);
