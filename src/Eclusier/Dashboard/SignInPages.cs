using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Dashboard.Pages;
using Eclusier.Dashboard.Sessions;
using Eclusier.Dashboard.Views;

namespace Eclusier.Dashboard;

/// <summary>Signing in with a token, and out again.</summary>
internal static class SignInPages
{
    private const string Path = "/sign-in";

    public static IResult Show(HttpContext context, PageFrames frames)
    {
        var back = LocalPath.Of(context.Request.Query["return"]);
        return context.Features.Get<Caller>() is null ? Page(context, frames, back, null) : SeeOther(context, back);
    }

    public static async Task<IResult> SignInAsync(HttpContext context, OwnForms forms, TokenCheck tokens, FailedAttempts failedAttempts, DashboardSessions sessions, PageFrames frames)
    {
        if (await forms.ReadAsync(context, isSignIn: true) is not { } form)
        {
            return Page(context, frames, LocalPath.Home, "That form did not come from this page. Try again.", StatusCodes.Status403Forbidden);
        }

        var back = LocalPath.Of(form["return"]);
        if (tokens.Find(context, form["token"].ToString().Trim()) is { } token)
        {
            sessions.Open(context, token);
            return SeeOther(context, back);
        }

        if (failedAttempts.PauseOf(context) is { } pause)
        {
            var seconds = (int)Math.Ceiling(pause.TotalSeconds);
            context.Response.Headers.RetryAfter = $"{seconds}";
            return Page(context, frames, back, $"Too many failed attempts from your address. Try again in {seconds} s.", StatusCodes.Status429TooManyRequests);
        }

        return Page(context, frames, back, "This token is not valid, or has expired.", StatusCodes.Status401Unauthorized);
    }

    public static async Task<IResult> SignOutAsync(HttpContext context, OwnForms forms, DashboardSessions sessions, PageErrors errors)
    {
        if (context.Features.Get<DashboardSession>() is null)
        {
            return SeeOther(context, Path);
        }

        if (await forms.ReadAsync(context) is null)
        {
            return errors.Page(context, StatusCodes.Status403Forbidden, "That form did not come from a page of this session. Load the page again.");
        }

        sessions.Close(context);
        return SeeOther(context, Path);
    }

    /// <summary>A stranger is asked to sign in, and comes back to what was asked for.</summary>
    public static Task SendStrangerAsync(HttpContext context)
    {
        PageHeaders.Write(context);
        var request = context.Request;
        var wanted = HttpMethods.IsGet(request.Method) ? $"{request.Path}{request.QueryString}" : LocalPath.Home;
        return ComesFromElsewhere(request) ? StepInAsync(context, wanted) : SeeOther(context, wanted == LocalPath.Home ? Path : $"{Path}?return={Uri.EscapeDataString(wanted)}").ExecuteAsync(context);
    }

    /// <summary>Somebody followed a link of another web site, a chat say: then a browser holds the session's cookie back.</summary>
    private static bool ComesFromElsewhere(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] == "navigate";

    /// <summary>The same page again, this time from here: now the cookie comes along, if there is one.</summary>
    private static Task StepInAsync(HttpContext context, string wanted)
    {
        IResult step = Step.Create(LocalPath.Of(wanted));
        return step.ExecuteAsync(context);
    }

    private static IResult Page(HttpContext context, PageFrames frames, string back, string? problem, int status = StatusCodes.Status200OK)
    {
        var page = SignIn.Create(new SignInPage(frames.Of(context, "Sign in"), back, problem));
        page.StatusCode = status;
        return page;
    }

    public static IResult SeeOther(HttpContext context, string path)
    {
        context.Response.Headers.Location = path;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
