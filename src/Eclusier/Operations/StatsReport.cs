namespace Eclusier.Operations;

public sealed record StatsReport
{
    public DateTimeOffset? DaemonStartedAt { get; init; }

    public IReadOnlyList<StackStats> Stacks { get; init; } = [];

    /// <summary>How it stands with each notifier that ever had something to tell.</summary>
    public IReadOnlyList<NotifierStats> Notifiers { get; init; } = [];
}

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

/// <summary>What a notifier has told, and has not.</summary>
/// <param name="Outstanding">Not delivered yet; tried again.</param>
/// <param name="GivenUp">Within the last 30 days.</param>
/// <param name="OldestAt">When the oldest outstanding event happened.</param>
/// <param name="Error">Why the oldest outstanding one, or else the one given up last, was not delivered; may be empty.</param>
public sealed record NotifierStats(string Notifier, int Outstanding, int GivenUp, DateTimeOffset? OldestAt, DateTimeOffset? DeliveredAt, string Error);
