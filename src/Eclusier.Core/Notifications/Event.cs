using Eclusier.Core.Deployments;

namespace Eclusier.Core.Notifications;

/// <summary>What can be told. Their words (<see cref="Words"/>) stand in <c>notifiers.on</c> and in the JSON that webhooks get.</summary>
public enum EventKind
{
    /// <summary>A release passed and is last known good.</summary>
    Committed,

    /// <summary>The first good state after something bad that was told.</summary>
    Recovered,

    /// <summary>A release failed and was left as it is.</summary>
    Failed,

    /// <summary>A release failed; the last known good one runs again.</summary>
    RolledBack,

    /// <summary>A release failed, and so did going back.</summary>
    RollbackFailed,

    /// <summary>A release was put in quarantine. It comes with another event of the same deployment, never alone.</summary>
    Quarantined,

    /// <summary>The input is wrong: a commit's, or the stack's address or credentials.</summary>
    Rejected,

    /// <summary>An image did not come in time.</summary>
    Expired,

    /// <summary>Something that is tried again by itself lasts too long.</summary>
    Waiting,

    /// <summary>The host left the release without a git change.</summary>
    Drift,

    /// <summary>A stack is no longer deployed, by a person's word or Eclusier's own.</summary>
    Suspended,

    /// <summary>A suspended stack is deployed again.</summary>
    Resumed,

    /// <summary>The daemon began its work.</summary>
    AgentStarted,

    /// <summary>The database was damaged and was made anew.</summary>
    DatabaseRebuilt,

    /// <summary>A person asked whether messages arrive.</summary>
    Test,

    /// <summary>A deployment begins: for the commit's status only.</summary>
    Started,

    /// <summary>A deployment ended without a result that people wait for (nothing to change, quarantined, superseded): for the commit's status only.</summary>
    Closed,
}

/// <summary>One thing to tell, complete: whoever reads it needs nothing else. Without secrets.</summary>
public sealed record Event
{
    /// <summary>The same at each try to deliver it; never given twice.</summary>
    public required string Id { get; init; }

    public required EventKind Kind { get; init; }

    /// <summary>What it tells besides: a release that was rolled back is in quarantine too.</summary>
    public IReadOnlyList<EventKind> Also { get; init; } = [];

    public required DateTimeOffset At { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary><c>null</c> when it is about the agent itself.</summary>
    public string? Stack { get; init; }

    /// <summary>What happened, in a few words, beginning with the stack.</summary>
    public required string Title { get; init; }

    /// <summary>Why, in a sentence; may be empty.</summary>
    public string Message { get; init; } = "";

    public EventDeployment? Deployment { get; init; }

    /// <summary>What ran before, where it is known.</summary>
    public EventRevision? From { get; init; }

    /// <summary>What it is about.</summary>
    public EventRevision? To { get; init; }

    /// <summary>What runs now, where it is known.</summary>
    public EventRevision? Running { get; init; }

    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>Whether who takes these kinds is to be told.</summary>
    public bool Concerns(IReadOnlyList<EventKind> wanted) => wanted.Contains(Kind) || Also.Any(wanted.Contains);
}

/// <summary>The deployment an event tells of.</summary>
/// <param name="Cause">Why it was begun, as a word.</param>
/// <param name="Result">How it ended, as a word; <c>null</c> while it is open.</param>
/// <param name="Step">The last step that failed, as a word.</param>
public sealed record EventDeployment(long Id, string Cause, string? Result, DateTimeOffset StartedAt, double? Seconds, string? Step);

/// <summary>A commit, with the release that was made of it.</summary>
/// <param name="Commit">The full hash; <c>null</c> for what ran before Eclusier.</param>
/// <param name="Url">Its page at the forge, where the repository's address tells it.</param>
public sealed record EventRevision(int? Release, string? Commit, string Subject, string Author, string? Url)
{
    /// <summary><c>#41 (1eabc9a "Fix the till" by Ada)</c>.</summary>
    public override string ToString()
    {
        var words = new List<string>();
        if (Commit is { Length: >= 7 })
        {
            words.Add(Commit[..7]);
        }

        if (Subject.Length > 0)
        {
            words.Add($"\"{Subject}\"");
        }

        if (Author.Length > 0)
        {
            words.Add($"by {Author}");
        }

        var text = string.Join(' ', words);
        return Release is null ? text : text.Length == 0 ? $"#{Release}" : $"#{Release} ({text})";
    }
}
