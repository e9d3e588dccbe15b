namespace Eclusier.Operations;

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
