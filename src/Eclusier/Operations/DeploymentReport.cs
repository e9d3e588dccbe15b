namespace Eclusier.Operations;

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
