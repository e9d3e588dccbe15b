using Eclusier.Core.Planning;
using Eclusier.Operations;

namespace Eclusier.Dashboard.Views;

/// <summary>All stacks at a glance.</summary>
/// <param name="Stacks">What needs a person first.</param>
public sealed record OverviewPage(PageFrame Frame, IReadOnlyList<StackStatus> Stacks)
{
    /// <summary><c>1 rolled back, 2 healthy</c></summary>
    public string Summary => string.Join(", ", Stacks.GroupBy(stack => Look.Of(stack.State)).OrderBy(group => group.Key.Urgency).Select(group => $"{group.Count()} {group.Key.Word.ToLowerInvariant()}"));
}

/// <summary>One stack: what runs, what happened, what can be done.</summary>
/// <param name="Running">The release that runs in full; <c>null</c>: none is known.</param>
public sealed record StackPage(PageFrame Frame, StackStatus Status, HistoryReport History, ReleaseReport? Running)
{
    /// <summary>What makes sense now.</summary>
    public IReadOnlyList<StackAction> Actions =>
    [
        .. Status.SuspendedBecause is null ? [StackAction.Check, StackAction.Deploy] : Array.Empty<StackAction>(),
        .. Status.Quarantined.Count > 0 && Status.SuspendedBecause is null ? [StackAction.Retry] : Array.Empty<StackAction>(),
        .. StackAction.Earlier(Status, History.Releases).Count > 0 ? [StackAction.RollBack] : Array.Empty<StackAction>(),
        Status.SuspendedBecause is null ? StackAction.Suspend : StackAction.Resume,
    ];

    /// <summary>Where a commit can be looked at; <c>null</c>: the forge is not known.</summary>
    public string? LinkOf(string? commit) => Links.To(Running?.Repository, commit);
}

/// <summary>One deployment: its steps, and what was seen of a failure.</summary>
public sealed record DeploymentPage(PageFrame Frame, DeploymentReport Deployment, string? CommitLink);

/// <summary>One release in full.</summary>
/// <param name="CanBeGoneBackTo">It was committed and does not run.</param>
public sealed record ReleasePage(PageFrame Frame, string Stack, ReleaseReport Report, string? CommitLink, bool CanBeGoneBackTo);

/// <summary>How two releases differ.</summary>
/// <param name="Difference"><c>null</c>: not asked for yet, or it cannot be told.</param>
public sealed record DiffPage(PageFrame Frame, string Stack, IReadOnlyList<ReleaseSummary> Releases, int? From, int? To, ComparisonReport? Difference, string? Problem);

/// <summary>What containers and agent wrote.</summary>
public sealed record LogsPage(PageFrame Frame, string Stack, IReadOnlyList<LogEntry> Entries, int Lines, string? Problem);

/// <summary>Asks for a reason and a yes before something is done.</summary>
public sealed record ConfirmPage(PageFrame Frame, StackStatus Status, StackAction Action, IReadOnlyList<ReleaseSummary> Releases)
{
    /// <summary>The release that was chosen before.</summary>
    public int? Release { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>What was wrong with what was sent.</summary>
    public string? Problem { get; init; }
}

/// <summary>The sign-in form.</summary>
/// <param name="Return">The local page that was asked for.</param>
public sealed record SignInPage(PageFrame Frame, string Return, string? Problem);

/// <summary>A sentence instead of a page: not found, not allowed, not possible now.</summary>
public sealed record MessagePage(PageFrame Frame, string Heading, string Message);

/// <summary>Deployments below each other, their steps drawn to one scale.</summary>
public sealed record DeploymentList(PageFrame Frame, IReadOnlyList<DeploymentReport> Deployments)
{
    public TimeSpan Longest => Deployments.Count == 0 ? TimeSpan.Zero : Deployments.Max(deployment => (deployment.EndedAt ?? Frame.Now) - deployment.StartedAt);
}

/// <summary>Who had what done.</summary>
/// <param name="Entries">Newest first.</param>
public sealed record AuditPage(PageFrame Frame, IReadOnlyList<AuditLine> Entries);
