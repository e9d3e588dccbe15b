using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Metrics;
using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Metrics;

/// <summary>What is measured of one stack.</summary>
internal static class StackMeasures
{
    /// <summary>As <see cref="StackStatus.State"/> names them.</summary>
    private static readonly string[] States =
        ["healthy", "unhealthy", "deploying", "waiting", "behind", "rolled-back", "failed", "rejected", "drifted", "unavailable", "suspended", "empty"];

    private const int RecentDeployments = 50;

    /// <summary>From the journal alone.</summary>
    public static IEnumerable<Sample> OfJournal(StackName stack, IJournal journal, bool isStuck, DateTimeOffset now)
    {
        var name = stack.Value;
        var state = journal.ReadState(stack);
        var releases = journal.ReadReleases(stack);
        var running = releases.FirstOrDefault(release => release.Number == state.Applied);
        if (running is not null)
        {
            yield return Catalogue.Running.Of(1, name, $"{running.Number}", running.Commit?.Value ?? "");
        }

        if (state.SeenHead is { } head)
        {
            yield return Catalogue.Desired.Of(1, name, head.RefName, head.Commit.Value);
            yield return Catalogue.Behind.Of(BehindSince(state, journal.ReadDeployments(stack, RecentDeployments)) is { } since ? Math.Max(0, (now - since).TotalSeconds) : 0, name);
        }

        if (releases.Max(release => release.CommittedAt) is { } committedAt)
        {
            yield return Catalogue.LastSuccess.Of(Unix(committedAt), name);
        }

        if (state.LastCheckAt is { } checkedAt)
        {
            yield return Catalogue.LastCheck.Of(Unix(checkedAt), name);
        }

        yield return Catalogue.Suspended.Of(One(state.IsSuspended), name);
        yield return Catalogue.Quarantined.Of(releases.Count(release => release.IsQuarantined), name);
        yield return Catalogue.Drifted.Of(One(state.Drift is not null), name);
        yield return Catalogue.Stuck.Of(One(isStuck), name);
    }

    /// <summary>From what runs now.</summary>
    public static IEnumerable<Sample> OfStatus(StackStatus status)
    {
        foreach (var state in States)
        {
            yield return Catalogue.State.Of(One(state == status.State), status.Stack, state);
        }

        if (status.Healthy is { } healthy)
        {
            yield return Catalogue.Healthy.Of(One(healthy), status.Stack);
        }

        if (status.RollbackPossible is { } possible)
        {
            yield return Catalogue.RollbackPossible.Of(One(possible), status.Stack);
        }
    }

    public static double Unix(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Since when the source has pointed to what does not run; <c>null</c>: it runs, or its commit changed nothing.</summary>
    /// <param name="deployments">Newest first.</param>
    private static DateTimeOffset? BehindSince(StackState state, IReadOnlyList<Deployment> deployments)
    {
        var reached = deployments.FirstOrDefault(deployment => deployment.Result is DeploymentResult.Committed or DeploymentResult.UpToDate);
        return reached?.Commit == state.SeenHead!.Commit ? null
            : state.SeenSince ?? deployments.LastOrDefault(deployment => deployment.Commit == state.SeenHead.Commit)?.StartedAt ?? state.LastCheckAt;
    }

    private static double One(bool isSo) => isSo ? 1 : 0;
}
