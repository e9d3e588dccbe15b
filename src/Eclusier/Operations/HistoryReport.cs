namespace Eclusier.Operations;

public sealed record HistoryReport(IReadOnlyList<DeploymentReport> Deployments, IReadOnlyList<ReleaseSummary> Releases);

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
