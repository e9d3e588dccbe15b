using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Output;

namespace Eclusier.Api.Access;

/// <summary>Finds out who asks, and lets a request to its endpoint only when that one's rule allows it. Refusals tell nothing.</summary>
internal sealed class AccessGuard(IEnumerable<ICallerSource> sources, FailedAttempts failedAttempts, ApiSettings settings)
{
    private readonly ICallerSource[] sources = [.. sources];

    /// <summary>Who asks; <c>null</c>: a stranger.</summary>
    public async ValueTask<Caller?> FindCallerAsync(HttpContext context)
    {
        foreach (var source in sources)
        {
            if (await source.FindAsync(context) is { } caller)
            {
                return caller;
            }
        }

        return null;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.UnixSocket() is null && !SameOrigin.IsMeantForUs(context.Request, settings.Url))
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, ErrorCodes.Forbidden, "this server is not known by that name");
            return;
        }

        var rule = context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>();
        if (rule is { HasOwnCheck: true })
        {
            await next(context);
            return;
        }

        Caller? caller;
        try
        {
            caller = await FindCallerAsync(context);
        }
        catch (FailureException) // the database does not answer: the journal of whoever works on the stacks says why
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, "who asks cannot be found out just now");
            return;
        }

        if (caller is not null)
        {
            context.Features.Set(caller);
        }

        if (rule is { Role: null })
        {
            await next(context);
        }
        else if (caller is null)
        {
            await RefuseStrangerAsync(context, rule);
        }
        else if (context.GetEndpoint() is null)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, ErrorCodes.NotFound, "there is nothing here");
        }
        else if (context.GetEndpoint() is not RouteEndpoint)
        {
            await next(context); // the framework's own answer: not with this method
        }
        else if (rule is null || caller.Role < rule.Role)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, rule is null ? "this is closed" : $"this needs the role {rule.Role!.Value.ToWord()}");
        }
        else if (context.UnixSocket() is null && !SameOrigin.IsAsked(context.Request, settings.Url))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, "the request comes from another web site");
        }
        else
        {
            await next(context);
        }
    }

    private async Task RefuseStrangerAsync(HttpContext context, AccessRule? rule)
    {
        if (failedAttempts.PauseOf(context) is { } pause)
        {
            context.Response.Headers.RetryAfter = $"{(int)Math.Ceiling(pause.TotalSeconds)}";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, ErrorCodes.TooMany, "too many failed attempts");
        }
        else if (rule?.AnswerStranger is { } answer)
        {
            await answer(context);
        }
        else
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, "a token is needed");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string code, string message) =>
        Results.Json(new ErrorDocument(new ErrorBody(code, message)), AgentJson.Readable.ErrorDocument, statusCode: status).ExecuteAsync(context);
}
