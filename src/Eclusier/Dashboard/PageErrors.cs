using Eclusier.Api;
using Eclusier.Dashboard.Pages;
using Eclusier.Dashboard.Views;

namespace Eclusier.Dashboard;

/// <summary>Says in a page what the API would say in JSON when something goes wrong.</summary>
internal sealed class PageErrors(ApiErrors errors, PageFrames frames)
{
    public async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation);
        }
        catch (Exception exception) when (!invocation.HttpContext.Response.HasStarted && !invocation.HttpContext.RequestAborted.IsCancellationRequested)
        {
            var (status, body) = errors.Describe(invocation.HttpContext.Request, exception);
            return Page(invocation.HttpContext, status, body.Message);
        }
    }

    public IResult Page(HttpContext context, int status, string message)
    {
        var heading = status switch
        {
            StatusCodes.Status400BadRequest => "That cannot be understood",
            StatusCodes.Status403Forbidden => "Not allowed",
            StatusCodes.Status404NotFound => "Not found",
            StatusCodes.Status409Conflict => "Not possible now",
            StatusCodes.Status503ServiceUnavailable => "Not available just now",
            _ => "That went wrong",
        };
        var page = Message.Create(new MessagePage(frames.Of(context, heading), heading, message));
        page.StatusCode = status;
        return page;
    }
}
