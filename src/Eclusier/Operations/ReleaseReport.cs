namespace Eclusier.Operations;

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
