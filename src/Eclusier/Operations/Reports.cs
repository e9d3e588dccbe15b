using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Planning;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;

namespace Eclusier.Operations;

/// <summary>Turns what the core knows into what people and programs are told.</summary>
internal static class Reports
{
    public static string WordOf(Outcome outcome) => outcome switch
    {
        Outcome.UpToDate => "up-to-date",
        Outcome.Committed => "committed",
        Outcome.RolledBack => "rolled-back",
        Outcome.RollbackFailed => "rollback-failed",
        Outcome.Failed => "failed",
        Outcome.Rejected => "rejected",
        Outcome.Waiting => "waiting",
        Outcome.Expired => "expired",
        Outcome.Blocked => "blocked",
        _ => "unavailable",
    };

    public static DeploymentReport Of(Deployment deployment) => new()
    {
        Id = deployment.Id,
        Stack = deployment.Stack.Value,
        Cause = deployment.Cause.ToWord(),
        CauseDetail = deployment.CauseDetail,
        Commit = deployment.Commit == Core.Sources.CommitId.None ? "" : deployment.Commit.Value,
        Subject = deployment.Subject,
        Release = deployment.Release,
        Previous = deployment.Previous,
        StartedAt = deployment.StartedAt,
        EndedAt = deployment.EndedAt,
        Result = deployment.Result?.ToWord(),
        Reason = deployment.Reason,
        Steps = [.. deployment.Steps.Select(step => new StepReport(step.Step.ToWord(), step.StartedAt, step.Duration?.TotalSeconds, step.Succeeded, step.Detail))],
        Evidence = [.. deployment.Evidence.Select(evidence => new EvidenceReport(evidence.Subject, evidence.Text))],
    };

    public static ReleaseSummary Of(ReleaseEntry entry, int? lastKnownGood) => new()
    {
        Number = entry.Number,
        Id = entry.Id,
        Commit = entry.Commit?.Value,
        Subject = entry.Subject,
        PreparedAt = entry.PreparedAt,
        CommittedAt = entry.CommittedAt,
        QuarantinedAt = entry.QuarantinedAt,
        QuarantineReason = entry.IsQuarantined ? entry.QuarantineReason : null,
        IsLastKnownGood = entry.Number == lastKnownGood,
    };

    public static PlanReport Of(StackName stack, PlanPreview preview) => new()
    {
        Stack = stack.Value,
        Revision = new RevisionReport(preview.Revision.RefName, preview.Revision.Commit.Value, preview.Revision.Subject),
        From = preview.From,
        HasChanges = !preview.Plan.IsEmpty,
        IsQuarantined = preview.IsQuarantined,
        Changes = [.. preview.Plan.Changes.Select(change => new ServiceChangeReport(change.Service, change.Action.ToWord(), change.Reasons, change.Signal))],
        Obstacles = preview.Plan.Obstacles,
        Message = preview.Plan.IsEmpty ? "nothing to change" : preview.Plan.ToString(),
    };
}

/// <summary>Counts what was deployed.</summary>
internal static class Statistics
{
    private const int Most = 10_000;

    public static StackStats Of(StackName stack, IJournal journal, DateTimeOffset now)
    {
        var week = journal.ReadDeployments(stack, Most, now.AddDays(-7)).Where(deployment => deployment.Result is not null).ToList();
        var committed = week.Where(deployment => deployment.Result == DeploymentResult.Committed).ToList();
        var durations = committed.Select(deployment => (deployment.EndedAt!.Value - deployment.StartedAt).TotalSeconds).Order().ToList();
        return new StackStats
        {
            Stack = stack.Value,
            LastCheckAt = journal.ReadState(stack).LastCheckAt,
            Today = ByResult(week.Where(deployment => deployment.StartedAt.UtcDateTime.Date == now.UtcDateTime.Date)),
            SevenDays = ByResult(week),
            MedianSeconds = durations.Count == 0 ? null : durations[durations.Count / 2],
            LastCommittedAt = journal.ReadReleases(stack).Max(release => release.CommittedAt),
        };
    }

    private static SortedDictionary<string, int> ByResult(IEnumerable<Deployment> deployments) =>
        new(deployments.GroupBy(deployment => deployment.Result!.Value.ToWord()).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal);
}
