using Eclusier.Core.Deployments;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Api;

/// <summary>A request that the API refuses before the agent sees it.</summary>
internal sealed class ApiException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static ApiException BadRequest(string message) => new(StatusCodes.Status400BadRequest, ErrorCodes.BadRequest, message);

    public static ApiException NotFound(string code, string message) => new(StatusCodes.Status404NotFound, code, message);
}

internal static class ErrorCodes
{
    public const string BadRequest = "bad-request";
    public const string UnknownStack = "unknown-stack";
    public const string UnknownRelease = "unknown-release";
    public const string NotFound = "not-found";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string TooMany = "too-many-requests";
    public const string Refused = "refused";
    public const string Unavailable = "unavailable";
    public const string Stopping = "stopping";
    public const string Failed = "failed";
}

/// <summary>What a client is told when a request goes wrong: a sentence, never a stack trace.</summary>
internal sealed partial class ApiErrors(ILogger<ApiErrors> logger, IHostApplicationLifetime lifetime)
{
    public (int Status, ErrorBody Body) Describe(HttpRequest request, Exception exception)
    {
        switch (exception)
        {
            case ApiException api:
                return (api.Status, new ErrorBody(api.Code, api.Message));
            case RequestException:
                return (StatusCodes.Status409Conflict, new ErrorBody(ErrorCodes.Refused, exception.Message));
            case FailureException failure: // already classified, and no fault of ours
                return (StatusCodes.Status503ServiceUnavailable, new ErrorBody(ErrorCodes.Unavailable, failure.Message));
            case BadHttpRequestException bad:
                return (bad.StatusCode, new ErrorBody(ErrorCodes.BadRequest, bad.Message));
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                return (StatusCodes.Status503ServiceUnavailable, new ErrorBody(ErrorCodes.Stopping, "the daemon is stopping; what was begun is finished or undone when it starts again"));
            case OperationCanceledException when request.HttpContext.RequestAborted.IsCancellationRequested:
                return (StatusCodes.Status499ClientClosedRequest, new ErrorBody(ErrorCodes.Failed, "the client left")); // and so nobody reads this
            default:
                Log.RequestFailed(logger, exception, request.Method, request.Path);
                return (StatusCodes.Status500InternalServerError, new ErrorBody(ErrorCodes.Failed, $"{exception.Message} (the daemon's journal has more)"));
        }
    }

    public async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (Exception exception) when (!invocation.HttpContext.Response.HasStarted && !invocation.HttpContext.RequestAborted.IsCancellationRequested)
        {
            var (status, body) = Describe(invocation.HttpContext.Request, exception);
            return Results.Json(new ErrorDocument(body), AgentJson.Readable.ErrorDocument, statusCode: status);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The request {Method} {Path} failed")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
    }
}
