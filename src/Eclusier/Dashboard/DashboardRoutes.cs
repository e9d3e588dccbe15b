using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Dashboard.Sessions;
using Eclusier.Dashboard.Views;

namespace Eclusier.Dashboard;

/// <summary>The pages for people. Needs the API's services and its guard; everything it shows is asked of the agent.</summary>
public static class DashboardRoutes
{
    public static IServiceCollection AddDashboard(this IServiceCollection services) => services
        .AddSingleton<DashboardSessions>()
        .AddSingleton<ICallerSource, SessionCaller>()
        .AddSingleton<FormTokens>()
        .AddSingleton<OwnForms>()
        .AddSingleton<RequestedWork>()
        .AddSingleton<PageFrames>()
        .AddSingleton<PageErrors>();

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        foreach (var asset in Assets.All)
        {
            routes.MapGet(asset.Path, IResult (HttpContext context) => asset.Send(context)).OpenToStrangers();
        }

        var errors = routes.ServiceProvider.GetRequiredService<PageErrors>();
        var open = routes.MapGroup("").AddEndpointFilter(PageHeaders.FilterAsync).AddEndpointFilter(errors.FilterAsync).OpenToStrangers();
        open.MapGet("/sign-in", SignInPages.Show);
        open.MapPost("/sign-in", SignInPages.SignInAsync);
        open.MapPost("/sign-out", SignInPages.SignOutAsync);

        var pages = routes.MapGroup("").AddEndpointFilter(PageHeaders.FilterAsync).AddEndpointFilter(errors.FilterAsync).RequireRole(Role.Read, SignInPages.SendStrangerAsync);
        pages.MapGet("/", StackPages.OverviewAsync);
        pages.MapGet("/audit", HistoryPages.AuditAsync).RequireRole(Role.Admin, SignInPages.SendStrangerAsync);
        var stack = pages.MapGroup("/stacks/{name}");
        stack.MapGet("", StackPages.StackAsync);
        stack.MapGet("/deployments/{id}", HistoryPages.DeploymentAsync);
        stack.MapGet("/releases/{number}", HistoryPages.ReleaseAsync);
        stack.MapGet("/diff", HistoryPages.DiffAsync);
        stack.MapGet("/logs", StackPages.LogsAsync);
        foreach (var action in StackAction.All)
        {
            stack.MapGet($"/{action.Word}", Task<IResult> (HttpContext context) => ActionPages.AskAsync(context, action)).RequireRole(Role.Operate, SignInPages.SendStrangerAsync);
            stack.MapPost($"/{action.Word}", Task<IResult> (HttpContext context) => ActionPages.DoAsync(context, action)).RequireRole(Role.Operate, SignInPages.SendStrangerAsync);
        }
    }
}
