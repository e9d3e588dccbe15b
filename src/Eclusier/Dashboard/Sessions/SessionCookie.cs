namespace Eclusier.Dashboard.Sessions;

/// <summary>The cookie of a session: never sent along from other web sites, not to be read by scripts.</summary>
internal static class SessionCookie
{
    /// <summary>Over HTTPS with a prefix, which a browser accepts only from this very host (RFC 6265bis, 4.1.3.2).</summary>
    public static string Name(HttpContext context) => context.Request.IsHttps ? "__Host-eclusier_session" : "eclusier_session";

    public static string? Read(HttpContext context) => context.Request.Cookies[Name(context)] is { Length: > 0 and < 100 } id ? id : null;

    public static void Write(HttpContext context, string id) => context.Response.Cookies.Append(Name(context), id, Options(context));

    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(Name(context), Options(context));

    private static CookieOptions Options(HttpContext context) => new()
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        IsEssential = true,
    };
}
