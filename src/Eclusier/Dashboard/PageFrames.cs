using Eclusier.Api;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Dashboard.Sessions;
using Eclusier.Dashboard.Views;
using Eclusier.Output;

namespace Eclusier.Dashboard;

/// <summary>Makes what every page has around its content.</summary>
internal sealed class PageFrames(DescribeAgent describe, FormTokens formTokens, RequestedWork requests, TimeProvider timeProvider)
{
    private readonly Times times = new(timeProvider);

    public PageFrame Of(HttpContext context, string title)
    {
        var frame = new PageFrame { Title = title, Times = times, Now = timeProvider.GetUtcNow() };
        return context.Features.Get<Caller>() is not { } caller ? frame : frame with
        {
            Who = caller.Name,
            Role = caller.Role.ToWord(),
            MayOperate = caller.Role >= Role.Operate,
            IsAdmin = caller.Role >= Role.Admin,
            CanSignOut = context.Features.Get<DashboardSession>() is not null,
            FormToken = formTokens.For(context),
            Version = describe().Version,
            Host = Environment.MachineName,
        };
    }

    /// <summary>Around a page about one stack.</summary>
    public PageFrame OfStack(HttpContext context, string title, string stack, bool isLive)
    {
        var frame = Of(context, title) with { Stack = stack, EventsPath = isLive ? $"/api/v1{Parts.Stack(stack)}/events" : null };
        return requests.Find(stack) is { } request ? frame with { Notice = NoticeOf(request) } : frame;
    }

    private static Notice NoticeOf(RequestedAction request) => request.Outcome is { } outcome
        ? new Notice(Look.Of(outcome), $"{request.Action.Label}, asked for by {request.Who}: {request.Message}", IsPending: false)
        : new Notice(Look.Of("waiting") with { Word = "Under way" }, $"{request.Action.Label}, asked for by {request.Who}.", IsPending: true);
}
