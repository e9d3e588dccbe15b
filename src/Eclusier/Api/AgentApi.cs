using Eclusier.Api.Access;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Operations;
using Eclusier.Output;
using static Eclusier.Api.Requests;

namespace Eclusier.Api;

/// <summary>Says who answers here; asked for with every request, since the configuration may be read again.</summary>
public delegate AgentIdentity DescribeAgent();

/// <summary>The agent over HTTP: what <see cref="IAgent"/> offers, as routes. Needs an <see cref="AgentFor"/>, a <see cref="DescribeAgent"/> and a <see cref="ProgressFeed"/> among the services.</summary>
public static class AgentApi
{
    private const int LongestHistory = 1000;
    private const int MostLines = 100_000;

    public static IServiceCollection AddAgentApi(this IServiceCollection services) => services.AddSingleton<ApiErrors>().AddSingleton<AnswerStream>().AddSingleton<LiveEvents>();

    public static void MapAgentApi(this IEndpointRouteBuilder routes)
    {
        var errors = routes.ServiceProvider.GetRequiredService<ApiErrors>();
        var api = routes.MapGroup("/api/v1").AddEndpointFilter(errors.FilterAsync).RequireRole(Role.Read);
        api.MapGet("/agent", Describe);
        api.MapGet("/stats", StatsAsync);
        api.MapGet("/history", HistoryAsync);
        api.MapGet("/stacks", StacksAsync);
        api.MapPost("/notify/test", TestNotifiersAsync).RequireRole(Role.Admin);
        api.MapGet("/config/check", CheckConfiguration).RequireRole(Role.Admin); // what it says of mistakes quotes the file
        api.MapPost("/reload", ReloadAsync).RequireRole(Role.Admin);
        api.MapTokens();
        api.MapEvents();
        api.MapOpenApi();

        var stack = api.MapGroup("/stacks/{name}");
        stack.MapGet("", StackAsync);
        stack.MapGet("/history", StackHistoryAsync);
        stack.MapGet("/releases/{number}", ReleaseAsync);
        stack.MapGet("/diff", CompareAsync);
        stack.MapGet("/logs", LogsAsync);
        stack.MapPost("/plan", PlanAsync);
        stack.MapPost("/check", CheckAsync).RequireRole(Role.Operate);
        stack.MapPost("/deploy", DeployAsync).RequireRole(Role.Operate);
        stack.MapPost("/rollback", RollBackAsync).RequireRole(Role.Operate);
        stack.MapPost("/retry", RetryAsync).RequireRole(Role.Operate);
        stack.MapPost("/suspend", SuspendAsync).RequireRole(Role.Operate);
        stack.MapPost("/resume", ResumeAsync).RequireRole(Role.Operate);
    }

    private static IResult Describe(DescribeAgent describe) => Json(describe(), AgentJson.Readable.AgentIdentity);

    private static async Task<IResult> StatsAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).StatsAsync(aborted), AgentJson.Readable.StatsReport);

    private static async Task<IResult> TestNotifiersAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted)
    {
        var request = await context.BodyAsync(AgentJson.Readable.NotifyTestRequest);
        return Json(new StreamLine { Notified = await context.AgentOf(agentFor, request?.Reason).TestNotifiersAsync(request?.Notifier, aborted) }, AgentJson.Readable.StreamLine);
    }

    private static IResult CheckConfiguration(DescribeAgent describe, ReadAgain readAgain) =>
        Json(ConfigurationDocument.Of(describe().Configuration ?? "", readAgain()), AgentJson.Readable.ConfigurationDocument);

    private static async Task<IResult> ReloadAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted)
    {
        var request = await context.BodyAsync(AgentJson.Readable.ReasonRequest);
        return Json(new StreamLine { Reloaded = await context.AgentOf(agentFor, request?.Reason).ReloadAsync(aborted) }, AgentJson.Readable.StreamLine);
    }

    private static async Task<IResult> StacksAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted) =>
        Json(new StatusDocument(await context.AgentOf(agentFor).StatusAsync(null, aborted)), AgentJson.Readable.StatusDocument);

    private static async Task<IResult> StackAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted) =>
        Json(new StatusDocument(await context.AgentOf(agentFor).StatusAsync(context.Stack(describe), aborted)), AgentJson.Readable.StatusDocument);

    private static async Task<IResult> HistoryAsync(HttpContext context, AgentFor agentFor, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).HistoryAsync(null, context.Whole("limit", 20, LongestHistory), aborted), AgentJson.Readable.HistoryReport);

    private static async Task<IResult> StackHistoryAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted) =>
        Json(await context.AgentOf(agentFor).HistoryAsync(context.Stack(describe), context.Whole("limit", 20, LongestHistory), aborted), AgentJson.Readable.HistoryReport);

    private static async Task<IResult> ReleaseAsync(HttpContext context, string number, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Stack(describe);
        if (!int.TryParse(number, out var release) || release < 0)
        {
            throw ApiException.BadRequest($"'{number}' is not a release's number");
        }

        return await context.AgentOf(agentFor).ShowAsync(stack, release, aborted) is { } report
            ? Json(report, AgentJson.Readable.ReleaseReport)
            : throw ApiException.NotFound(ErrorCodes.UnknownRelease, $"{stack} has no release #{release}");
    }

    private static async Task<IResult> CompareAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Stack(describe);
        var (from, to) = (context.Whole("from", otherwise: -1, int.MaxValue), context.Whole("to", otherwise: -1, int.MaxValue));
        if (from < 0 || to < 0)
        {
            throw ApiException.BadRequest("'from' and 'to' are the numbers of two releases: ?from=41&to=42");
        }

        return await context.AgentOf(agentFor).CompareAsync(stack, from, to, aborted) is { } report
            ? Requests.Json(report, AgentJson.Readable.ComparisonReport)
            : throw ApiException.NotFound(ErrorCodes.UnknownRelease, $"{stack} has no release #{from}, or no #{to}");
    }

    private static Task LogsAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, AnswerStream answer)
    {
        var stack = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        var lines = context.Whole("lines", 100, MostLines);
        var follow = context.Request.Query["follow"] == "true";
        return answer.SendAsync(context, cancellationToken => agent.LogsAsync(stack, lines, follow, cancellationToken));
    }

    private static Task PlanAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, AnswerStream answer)
    {
        var stack = context.Stack(describe);
        var agent = context.AgentOf(agentFor);
        return answer.SendAsync(
            context,
            async (progress, cancellationToken) => new StreamLine { Plan = await agent.PlanAsync(stack, progress, cancellationToken) },
            endsWithClient: true); // it touches nothing: no use without someone to read it
    }

    private static async Task<IResult> CheckAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.ReasonRequest);
        return Json(new StreamLine { Outcome = await context.AgentOf(agentFor, request?.Reason).CheckAsync(stack, aborted) }, AgentJson.Readable.StreamLine, StatusCodes.Status202Accepted);
    }

    private static async Task DeployAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, AnswerStream answer)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.DeployRequest);
        var agent = context.AgentOf(agentFor, request?.Reason);
        await answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.DeployAsync(stack, request?.Force ?? false, progress, cancellationToken) });
    }

    private static async Task RollBackAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, AnswerStream answer)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.RollbackRequest);
        var agent = context.AgentOf(agentFor, request?.Reason);
        await answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.RollBackAsync(stack, request?.To, progress, cancellationToken) });
    }

    private static async Task RetryAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, AnswerStream answer)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.ReasonRequest);
        var agent = context.AgentOf(agentFor, request?.Reason);
        await answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.RetryAsync(stack, progress, cancellationToken) });
    }

    private static async Task<IResult> SuspendAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.SuspendRequest);
        return string.IsNullOrWhiteSpace(request?.Reason)
            ? throw ApiException.BadRequest("a reason is required: {\"reason\":\"…\"}")
            : Json(new StreamLine { Outcome = await context.AgentOf(agentFor, request.Reason).SuspendAsync(stack, request.Reason, aborted) }, AgentJson.Readable.StreamLine);
    }

    private static async Task<IResult> ResumeAsync(HttpContext context, AgentFor agentFor, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Stack(describe);
        var request = await context.BodyAsync(AgentJson.Readable.ReasonRequest);
        return Json(new StreamLine { Outcome = await context.AgentOf(agentFor, request?.Reason).ResumeAsync(stack, aborted) }, AgentJson.Readable.StreamLine);
    }
}
