using Eclusier.Api;
using Eclusier.Core.Stacks;
using Eclusier.Dashboard.Pages;
using Eclusier.Dashboard.Views;
using Eclusier.Operations;

namespace Eclusier.Dashboard;

/// <summary>One deployment, one release, the difference between two, and who had what done.</summary>
internal static class HistoryPages
{
    private const int Newest = 30; // is nearly always enough
    private const int All = 1000;
    private const int AuditShown = 200;

    public static async Task<IResult> DeploymentAsync(HttpContext context, string id, AgentFor agentFor, DescribeAgent describe, PageFrames frames, CancellationToken aborted)
    {
        var name = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var deployment = (long.TryParse(id, out var number) ? await FindDeploymentAsync(agent, name, number, aborted) : null)
            ?? throw ApiException.NotFound(ErrorCodes.NotFound, $"{name} has no deployment {id}.");
        var release = deployment.Release is { } made ? await agent.ShowAsync(name, made, aborted) : null;
        var frame = frames.OfStack(context, $"Deployment {deployment.Id} of {name}", name.Value, isLive: deployment.Result is null);
        return Deployment.Create(new DeploymentPage(frame, deployment, Links.To(release?.Repository, deployment.Commit)));
    }

    public static async Task<IResult> ReleaseAsync(HttpContext context, string number, AgentFor agentFor, DescribeAgent describe, PageFrames frames, CancellationToken aborted)
    {
        var name = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var report = (int.TryParse(number, out var wanted) ? await agent.ShowAsync(name, wanted, aborted) : null)
            ?? throw ApiException.NotFound(ErrorCodes.UnknownRelease, $"{name} has no release #{number}.");
        var status = await StackPages.StatusAsync(agent, name, aborted);
        var frame = frames.OfStack(context, $"Release #{wanted} of {name}", name.Value, isLive: false);
        return Release.Create(new ReleasePage(
            frame, name.Value, report, Links.To(report.Repository, report.Release.Commit), StackAction.Earlier(status, [report.Release]).Count > 0));
    }

    public static async Task<IResult> DiffAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, PageFrames frames, CancellationToken aborted)
    {
        var name = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var releases = (await agent.HistoryAsync(name, All, aborted)).Releases;
        var to = NumberIn(context, "to") ?? releases.Select(release => (int?)release.Number).FirstOrDefault();
        var from = NumberIn(context, "from") ?? releases.Select(release => (int?)release.Number).Skip(1).FirstOrDefault() ?? to;
        ComparisonReport? difference = null;
        string? problem = null;
        try
        {
            difference = from is { } before && to is { } after ? await agent.CompareAsync(name, before, after, aborted) : null;
            problem = difference is not null ? null : from is null ? "There is no release yet." : $"There is no release #{from}, or no #{to}.";
        }
        catch (RequestException exception)
        {
            problem = exception.Message;
        }

        return Diff.Create(new DiffPage(frames.OfStack(context, $"What changed in {name}", name.Value, isLive: false), name.Value, releases, from, to, difference, problem));
    }

    private static async Task<DeploymentReport?> FindDeploymentAsync(IAgent agent, StackName name, long id, CancellationToken cancellationToken)
    {
        foreach (var limit in new[] { Newest, All })
        {
            if ((await agent.HistoryAsync(name, limit, cancellationToken)).Deployments.FirstOrDefault(deployment => deployment.Id == id) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static int? NumberIn(HttpContext context, string parameter) => int.TryParse(context.Request.Query[parameter], out var number) ? number : null;

    public static async Task<IResult> AuditAsync(HttpContext context, AgentFor agentFor, PageFrames frames, CancellationToken aborted) =>
        Audit.Create(new AuditPage(frames.Of(context, "Audit"), (await context.AgentOf(agentFor).AuditAsync(AuditShown, aborted)).Entries));
}
