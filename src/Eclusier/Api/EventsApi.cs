using Eclusier.Api.Access;
using Eclusier.Core.Stacks;

namespace Eclusier.Api;

/// <summary>Server-sent events: what happens to all stacks, or to one.</summary>
internal static class EventsApi
{
    private static readonly TimeSpan KeepAliveEvery = TimeSpan.FromSeconds(15);

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        api.MapGet("/events", (HttpContext context, LiveEvents live, AccessGuard guard, IHostApplicationLifetime lifetime, TimeProvider timeProvider) =>
            SendAsync(context, null, live, guard, lifetime, timeProvider));
        api.MapGet("/stacks/{name}/events", (HttpContext context, DescribeAgent describe, LiveEvents live, AccessGuard guard, IHostApplicationLifetime lifetime, TimeProvider timeProvider) =>
            SendAsync(context, context.Stack(describe), live, guard, lifetime, timeProvider));
    }

    private static async Task SendAsync(HttpContext context, StackName? stack, LiveEvents live, AccessGuard guard, IHostApplicationLifetime lifetime, TimeProvider timeProvider)
    {
        using var watcher = live.TryWatch(stack);
        if (watcher is null)
        {
            context.Response.Headers.RetryAfter = "30";
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, $"{LiveEvents.MostWatchers} watch already: try again later, or close a page");
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would keep the events back
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, watcher.Dropped);
        try
        {
            await WriteAsync(context, "retry: 3000\n\n"u8.ToArray(), ending.Token);
            do
            {
                await SendForAWhileAsync(context, watcher, timeProvider, ending.Token);
                await WriteAsync(context, ": still here\n\n"u8.ToArray(), ending.Token);
            }
            while (await guard.FindCallerAsync(context) is not null); // else its token was revoked, or has ended
        }
        catch (Exception exception) when (ending.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            if (watcher.Dropped.IsCancellationRequested)
            {
                context.Abort(); // what is on its way to it would be waited for
            }
        }
    }

    private static async Task SendForAWhileAsync(HttpContext context, LiveWatcher watcher, TimeProvider timeProvider, CancellationToken ending)
    {
        using var period = new CancellationTokenSource(KeepAliveEvery, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, ending);
        try
        {
            while (await watcher.Frames.WaitToReadAsync(either.Token))
            {
                while (!either.IsCancellationRequested && watcher.Frames.TryRead(out var frame))
                {
                    await WriteAsync(context, frame, ending);
                }
            }
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            // it is time to see who watches
        }
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(frame, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
