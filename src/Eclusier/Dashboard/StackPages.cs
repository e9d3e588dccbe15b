using Eclusier.Api;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Dashboard.Pages;
using Eclusier.Dashboard.Views;
using Eclusier.Operations;

namespace Eclusier.Dashboard;

/// <summary>All stacks, one stack, and its logs.</summary>
internal static class StackPages
{
    private const int DeploymentsShown = 12;
    private const int LinesShown = 200;
    private const int MostLines = 2000;
    private const int ReloadWhileDeploying = 5; // seconds, without script

    public static async Task<IResult> OverviewAsync(HttpContext context, AgentFor agentFor, PageFrames frames, CancellationToken aborted)
    {
        var stacks = await context.AgentOf(agentFor).StatusAsync(null, aborted);
        var frame = frames.Of(context, "Stacks") with { EventsPath = "/api/v1/events", ReloadSeconds = ReloadFor(stacks) };
        return Overview.Create(new OverviewPage(frame, [.. stacks.OrderBy(stack => Look.Of(stack.State).Urgency).ThenBy(stack => stack.Stack, StringComparer.Ordinal)]));
    }

    public static async Task<IResult> StackAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, PageFrames frames, CancellationToken aborted)
    {
        var name = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var status = await StatusAsync(agent, name, aborted);
        var history = await agent.HistoryAsync(name, DeploymentsShown, aborted);
        var running = status.Running is { } release ? await FindReleaseAsync(agent, name, release.Number, aborted) : null;
        var frame = frames.OfStack(context, name.Value, name.Value, isLive: true) with { ReloadSeconds = ReloadFor([status]) };
        return Pages.Stack.Create(new StackPage(frame, status, history, running));
    }

    public static async Task<IResult> LogsAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, PageFrames frames, CancellationToken aborted)
    {
        var name = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var lines = int.TryParse(context.Request.Query["lines"], out var asked) ? Math.Clamp(asked, 1, MostLines) : LinesShown;
        var entries = new List<LogEntry>();
        string? problem = null;
        try
        {
            await foreach (var entry in agent.LogsAsync(name, lines, follow: false, aborted))
            {
                entries.Add(entry);
            }
        }
        catch (FailureException exception) // the engine is away: the page says so, and keeps its links
        {
            problem = exception.Message;
        }

        return Logs.Create(new LogsPage(frames.OfStack(context, $"Logs of {name}", name.Value, isLive: false), name.Value, entries, lines, problem));
    }

    public static async Task<StackStatus> StatusAsync(IAgent agent, StackName name, CancellationToken cancellationToken) => (await agent.StatusAsync(name, cancellationToken)).Single();

    /// <summary>What a page says more of a release than its summary; it can do without while the engine is away.</summary>
    private static async Task<ReleaseReport?> FindReleaseAsync(IAgent agent, StackName name, int number, CancellationToken cancellationToken)
    {
        try
        {
            return await agent.ShowAsync(name, number, cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Transient or FailureKind.Ambiguous)
        {
            return null; // the status says that the engine is away
        }
    }

    private static int? ReloadFor(IReadOnlyList<StackStatus> stacks) => stacks.Any(stack => stack.Deployment is not null) ? ReloadWhileDeploying : null;
}
