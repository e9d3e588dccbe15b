using Eclusier.Api;
using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Dashboard.Pages;
using Eclusier.Dashboard.Views;
using Eclusier.Operations;
using Microsoft.AspNetCore.Http.Features;

namespace Eclusier.Dashboard;

/// <summary>What can be done to a stack: asked for on one page, begun by its form, told on the stack's page.</summary>
internal static class ActionPages
{
    private const int ReleasesOffered = 100;
    private const int LongestReason = 200;

    public static async Task<IResult> AskAsync(HttpContext context, StackAction action)
    {
        var chosen = int.TryParse(context.Request.Query["to"], out var number) ? number : (int?)null;
        return await PageAsync(context, action, chosen, "", null);
    }

    public static async Task<IResult> DoAsync(HttpContext context, StackAction action)
    {
        var services = context.RequestServices;
        if (await services.GetRequiredService<OwnForms>().ReadAsync(context) is not { } form)
        {
            return services.GetRequiredService<PageErrors>().Page(context, StatusCodes.Status403Forbidden, "That form did not come from a page of this session. Load the page again, and repeat what you wanted.");
        }

        var name = context.Stack(services.GetRequiredService<DescribeAgent>());
        var release = int.TryParse(form["to"], out var number) ? number : (int?)null;
        var reason = form["reason"].ToString().Trim();
        if (ProblemOf(action, release, reason) is { } problem)
        {
            return await PageAsync(context, action, release, reason, problem);
        }

        var agent = context.AgentOf(services.GetRequiredService<AgentFor>(), reason);
        await services.GetRequiredService<RequestedWork>().BeginAsync(name, action, context.Features.GetRequiredFeature<Caller>(), Work(agent, name, action, release, reason, form["force"] == "yes"));
        return SignInPages.SeeOther(context, Parts.Stack(name.Value));
    }

    private static Func<CancellationToken, Task<OutcomeReport>> Work(IAgent agent, StackName name, StackAction action, int? release, string reason, bool force) => action.Word switch
    {
        "check" => stopping => agent.CheckAsync(name, stopping),
        "deploy" => stopping => agent.DeployAsync(name, force, Ignore, stopping),
        "rollback" => stopping => agent.RollBackAsync(name, release, Ignore, stopping),
        "retry" => stopping => agent.RetryAsync(name, Ignore, stopping),
        "suspend" => stopping => agent.SuspendAsync(name, reason, stopping),
        "resume" => stopping => agent.ResumeAsync(name, stopping),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action.Word, "not an action"),
    };

    private static string? ProblemOf(StackAction action, int? release, string reason) =>
        reason.Length > LongestReason ? $"The reason is longer than {LongestReason} characters."
        : action.NeedsReason && reason.Length == 0 ? "Say why: whoever comes next wants to know."
        : action == StackAction.RollBack && release is null ? "Choose the release to go back to."
        : null;

    private static async Task<IResult> PageAsync(HttpContext context, StackAction action, int? release, string reason, string? problem)
    {
        var services = context.RequestServices;
        var agent = context.AgentOf(services.GetRequiredService<AgentFor>());
        var name = context.Stack(services.GetRequiredService<DescribeAgent>());
        var status = await StackPages.StatusAsync(agent, name, context.RequestAborted);
        var releases = action == StackAction.RollBack ? StackAction.Earlier(status, (await agent.HistoryAsync(name, ReleasesOffered, context.RequestAborted)).Releases) : [];
        if (action == StackAction.RollBack && releases.Count == 0)
        {
            throw new RequestException($"{name} has no earlier release that was proven: there is nothing to go back to.");
        }

        var frame = services.GetRequiredService<PageFrames>().OfStack(context, $"{action.Label}: {name}", name.Value, isLive: false) with { Notice = null };
        var page = Confirm.Create(new ConfirmPage(frame, status, action, releases) { Release = release, Reason = reason, Problem = problem });
        page.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return page;
    }

    /// <summary>Who watches hears it through the events.</summary>
    private static void Ignore(ProgressLine line)
    {
    }
}
