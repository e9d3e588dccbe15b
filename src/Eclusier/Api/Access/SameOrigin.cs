using System.Net;

namespace Eclusier.Api.Access;

/// <summary>Whether a browser asks on behalf of our own pages: what signs people in by itself (a cookie, a proxy) must not serve another web site's.</summary>
/// <remarks>What browsers say of it: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site. Programs that are no browsers say nothing.</remarks>
internal static class SameOrigin
{
    /// <summary>The request changes nothing, or its page is ours, or there is no page.</summary>
    /// <param name="url">How people reach us; a proxy may put another name into the request. <c>null</c>: not known.</param>
    public static bool IsAsked(HttpRequest request, Uri? url)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return true;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && (page.Authority == request.Host.Value || page.Authority == url?.Authority));
    }

    /// <summary>The request names the host by which people reach it, or one that no other web site can have: a number, <c>localhost</c>.</summary>
    /// <param name="url"><c>null</c>: not known, and any name will do.</param>
    public static bool IsMeantForUs(HttpRequest request, Uri? url)
    {
        var host = request.Host.Host;
        return url is null || host.Length == 0 || host.Equals(url.Host, StringComparison.OrdinalIgnoreCase) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(host.Trim('[', ']'), out _);
    }
}
