namespace Eclusier.Adapters.Http;

/// <summary>When a server wants to be asked again.</summary>
internal static class RetryAfter
{
    /// <summary>By the header <c>Retry-After</c> (RFC 9110, section 10.2.3): in seconds, or a date.</summary>
    /// <returns>Never less than nothing; <c>null</c>: it does not say.</returns>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date - now);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
