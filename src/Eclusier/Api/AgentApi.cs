using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Http.Features;

namespace Eclusier.Api;

/// <summary>Says who answers here; asked for with every request, since the configuration may be read again.</summary>
public delegate AgentIdentity DescribeAgent();

/// <summary>The agent over HTTP: what <see cref="IAgent"/> offers, as routes. Needs an <see cref="IAgent"/> and a <see cref="DescribeAgent"/> among the services.</summary>
public static class AgentApi
{
    private const int LargestBody = 16 * 1024;
    private const int LongestHistory = 1000;
    private const int MostLines = 100_000;

    public static IServiceCollection AddAgentApi(this IServiceCollection services) => services.AddSingleton<ApiErrors>().AddSingleton<AnswerStream>();

    public static void MapAgentApi(this IEndpointRouteBuilder routes)
    {
        var errors = routes.ServiceProvider.GetRequiredService<ApiErrors>();
        var api = routes.MapGroup("/api/v1").AddEndpointFilter(errors.FilterAsync).RequireRole(Role.Read);
        api.MapGet("/agent", Describe);
        api.MapGet("/stats", StatsAsync);
        api.MapPost("/notify/test", TestNotifiersAsync).RequireRole(Role.Admin);
        api.MapGet("/history", HistoryAsync);
        api.MapGet("/stacks", StacksAsync);

        var stack = api.MapGroup("/stacks/{name}");
        stack.MapGet("", StackAsync);
        stack.MapGet("/history", HistoryAsync);
        stack.MapGet("/releases/{number}", ReleaseAsync);
        stack.MapGet("/logs", LogsAsync);
        stack.MapPost("/plan", PlanAsync);
        stack.MapPost("/deploy", DeployAsync).RequireRole(Role.Operate);
        stack.MapPost("/rollback", RollBackAsync).RequireRole(Role.Operate);
        stack.MapPost("/retry", RetryAsync).RequireRole(Role.Operate);
        stack.MapPost("/suspend", SuspendAsync).RequireRole(Role.Operate);
        stack.MapPost("/resume", ResumeAsync).RequireRole(Role.Operate);
    }

    private static IResult Describe(DescribeAgent describe) => Json(describe(), AgentJson.Readable.AgentIdentity);

    private static async Task<IResult> StatsAsync(IAgent agent, CancellationToken aborted) =>
        Json(await agent.StatsAsync(aborted), AgentJson.Readable.StatsReport);

    private static async Task<IResult> TestNotifiersAsync(HttpContext context, IAgent agent, CancellationToken aborted)
    {
        var request = await BodyAsync(context, AgentJson.Readable.NotifyTestRequest);
        return Json(new StreamLine { Notified = await agent.TestNotifiersAsync(request?.Notifier, aborted) }, AgentJson.Readable.StreamLine);
    }

    private static async Task<IResult> StacksAsync(IAgent agent, CancellationToken aborted) =>
        Json(new StatusDocument(await agent.StatusAsync(null, aborted)), AgentJson.Readable.StatusDocument);

    private static async Task<IResult> StackAsync(HttpContext context, IAgent agent, DescribeAgent describe, CancellationToken aborted) =>
        Json(new StatusDocument(await agent.StatusAsync(Stack(context, describe), aborted)), AgentJson.Readable.StatusDocument);

    private static async Task<IResult> HistoryAsync(HttpContext context, IAgent agent, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = context.Request.RouteValues.ContainsKey("name") ? Stack(context, describe) : null;
        return Json(await agent.HistoryAsync(stack, Whole(context, "limit", 20, LongestHistory), aborted), AgentJson.Readable.HistoryReport);
    }

    private static async Task<IResult> ReleaseAsync(HttpContext context, string number, IAgent agent, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = Stack(context, describe);
        if (!int.TryParse(number, out var release) || release < 0)
        {
            throw ApiException.BadRequest($"'{number}' is not a release's number");
        }

        return await agent.ShowAsync(stack, release, aborted) is { } report
            ? Json(report, AgentJson.Readable.ReleaseReport)
            : throw ApiException.NotFound(ErrorCodes.UnknownRelease, $"{stack} has no release #{release}");
    }

    private static Task LogsAsync(HttpContext context, IAgent agent, DescribeAgent describe, AnswerStream answer)
    {
        var stack = Stack(context, describe);
        var lines = Whole(context, "lines", 100, MostLines);
        var follow = context.Request.Query["follow"] == "true";
        return answer.SendAsync(context, cancellationToken => agent.LogsAsync(stack, lines, follow, cancellationToken));
    }

    private static Task PlanAsync(HttpContext context, IAgent agent, DescribeAgent describe, AnswerStream answer)
    {
        var stack = Stack(context, describe);
        return answer.SendAsync(
            context,
            async (progress, cancellationToken) => new StreamLine { Plan = await agent.PlanAsync(stack, progress, cancellationToken) },
            endsWithClient: true); // it touches nothing: no use without someone to read it
    }

    private static async Task DeployAsync(HttpContext context, IAgent agent, DescribeAgent describe, AnswerStream answer)
    {
        var stack = Stack(context, describe);
        var request = await BodyAsync(context, AgentJson.Readable.DeployRequest);
        await answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.DeployAsync(stack, request?.Force ?? false, progress, cancellationToken) });
    }

    private static async Task RollBackAsync(HttpContext context, IAgent agent, DescribeAgent describe, AnswerStream answer)
    {
        var stack = Stack(context, describe);
        var request = await BodyAsync(context, AgentJson.Readable.RollbackRequest);
        await answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.RollBackAsync(stack, request?.To, progress, cancellationToken) });
    }

    private static Task RetryAsync(HttpContext context, IAgent agent, DescribeAgent describe, AnswerStream answer)
    {
        var stack = Stack(context, describe);
        return answer.SendAsync(context, async (progress, cancellationToken) =>
            new StreamLine { Outcome = await agent.RetryAsync(stack, progress, cancellationToken) });
    }

    private static async Task<IResult> SuspendAsync(HttpContext context, IAgent agent, DescribeAgent describe, CancellationToken aborted)
    {
        var stack = Stack(context, describe);
        var request = await BodyAsync(context, AgentJson.Readable.SuspendRequest);
        return string.IsNullOrWhiteSpace(request?.Reason)
            ? throw ApiException.BadRequest("a reason is required: {\"reason\":\"…\"}")
            : Json(new StreamLine { Outcome = await agent.SuspendAsync(stack, request.Reason, aborted) }, AgentJson.Readable.StreamLine);
    }

    private static async Task<IResult> ResumeAsync(HttpContext context, IAgent agent, DescribeAgent describe, CancellationToken aborted) =>
        Json(new StreamLine { Outcome = await agent.ResumeAsync(Stack(context, describe), aborted) }, AgentJson.Readable.StreamLine);

    private static StackName Stack(HttpContext context, DescribeAgent describe)
    {
        var text = context.Request.RouteValues["name"] as string;
        if (!StackName.TryParse(text, out var name))
        {
            throw ApiException.BadRequest($"'{text}' is not a stack's name");
        }

        var known = describe().Stacks;
        return known.Contains(name.Value)
            ? name
            : throw ApiException.NotFound(ErrorCodes.UnknownStack, $"the daemon keeps no stack {name}; it keeps: {string.Join(", ", known)}");
    }

    private static int Whole(HttpContext context, string parameter, int otherwise, int most)
    {
        var text = context.Request.Query[parameter].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, out var value) && value >= 0 && value <= most ? value
            : throw ApiException.BadRequest($"'{parameter}' is a whole number from 0 to {most}");
    }

    private static async Task<T?> BodyAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBody;
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return null;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            throw ApiException.BadRequest($"the body is not the JSON that is expected here: {exception.Message}");
        }
    }

    private static IResult Json<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type);
}
