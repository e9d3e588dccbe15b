using Eclusier.Operations;

namespace Eclusier.Dashboard.Views;

/// <summary>Something a person can have done to a stack, in the words of its button and its confirmation.</summary>
/// <param name="Word">Its part of the address, and its name in the audit.</param>
/// <param name="Consequence">What it does, said before it is done.</param>
public sealed record StackAction(string Word, string Label, string Consequence)
{
    /// <summary>It stops or replaces what runs.</summary>
    public bool IsGrave { get; init; }

    /// <summary>Without a reason it is not done.</summary>
    public bool NeedsReason { get; init; }

    public static StackAction Check { get; } = new("check", "Check now", "Looks at the repository at once, as it does at each interval. A new commit is deployed.");

    public static StackAction Deploy { get; } = new("deploy", "Deploy", "Looks at the repository and deploys what it finds. A release that fails is rolled back.");

    public static StackAction RollBack { get; } = new("rollback", "Roll back", "Goes back to a release that was proven before, with its exact images, and stays there until a newer commit comes.") { IsGrave = true };

    public static StackAction Retry { get; } = new("retry", "Retry", "Frees the release in quarantine and tries it once more. If it fails again it is rolled back again.");

    public static StackAction Suspend { get; } = new("suspend", "Suspend", "Nothing is deployed any more until it is resumed. The containers keep running.") { NeedsReason = true };

    public static StackAction Resume { get; } = new("resume", "Resume", "The stack is looked after again. What came meanwhile is deployed now.");

    public static IReadOnlyList<StackAction> All { get; } = [Check, Deploy, RollBack, Retry, Suspend, Resume];

    /// <summary>The releases that can be gone back to, newest first.</summary>
    public static IReadOnlyList<ReleaseSummary> Earlier(StackStatus status, IReadOnlyList<ReleaseSummary> releases) =>
        [.. releases.Where(release => release is { CommittedAt: not null, QuarantinedAt: null, IsLastKnownGood: false } && release.Number != status.Running?.Number)];

    public static StackAction? Find(string word) => All.FirstOrDefault(action => action.Word == word);
}
