using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Notifications;

/// <summary>Sends requests to services that are told, and says what their answers mean. Its connections are its own, and made when first needed.</summary>
public sealed partial class MessageSender : IDisposable
{
    private const int LargestAnswer = 64 * 1024;
    private const int LongestQuote = 200;

    private readonly Lazy<HttpClient> client;

    /// <param name="validation">How certificates are checked; <c>null</c>: as the system does.</param>
    public MessageSender(TimeProvider timeProvider, System.Net.Security.RemoteCertificateValidationCallback? validation = null) => client = new Lazy<HttpClient>(() =>
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirected POST would become a GET
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseCookies = false,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = validation ?? CertificateCheck.For(timeProvider);
        var made = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        made.DefaultRequestHeaders.UserAgent.ParseAdd("eclusier");
        return made;
    });

    public void Dispose()
    {
        if (client.IsValueCreated)
        {
            client.Value.Dispose();
        }
    }

    /// <param name="secrets">What must not stand in a message, besides the address.</param>
    /// <exception cref="FailureException">Transient, or rejected when just this message is not taken.</exception>
    internal async Task SendAsync(HttpRequestMessage request, IReadOnlyList<string> secrets, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.Value.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var body = await response.Content.ReadAsStringAsync(cancellationToken);
                throw new FailureException(FailureOf(response, body, [.. secrets, request.RequestUri!.ToString(), request.RequestUri.PathAndQuery]));
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw FailureException.Transient($"{request.RequestUri!.Host}: {ConnectionTrouble.Describe(exception)}", exception);
        }
    }

    internal static HttpRequestMessage Post(Uri address, JsonNode body, HttpMethod? method = null) => new(method ?? HttpMethod.Post, address) { Content = JsonContent(ToBytes(body)) };

    internal static ByteArrayContent JsonContent(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } } };

    private static byte[] ToBytes(JsonNode body)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            body.WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static Failure FailureOf(HttpResponseMessage response, string body, IReadOnlyList<string> secrets)
    {
        var kind = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity
            ? FailureKind.Rejected // the next one may be taken
            : FailureKind.Transient; // a wrong address or token too: a person may put it right
        var quote = secrets.Where(secret => secret.Length > 3).OrderByDescending(secret => secret.Length).Aggregate(string.Join(' ', body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));
        var said = quote.Length == 0 ? "" : $": {(quote.Length > LongestQuote ? quote[..LongestQuote] + "…" : quote)}";
        var redirected = (int)response.StatusCode is >= 300 and < 400 ? "; give the address that it leads to" : "";
        return new Failure(kind, $"{response.RequestMessage!.RequestUri!.Host} answered {(int)response.StatusCode} {response.ReasonPhrase}{redirected}{said}") { RetryAfter = RetryAfterOf(response, body) };
    }

    /// <summary>By the header (RFC 9110), or as Discord and Telegram (seconds) and Matrix (milliseconds) write it into the body.</summary>
    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, string body)
    {
        if (response.Headers.RetryAfter is { } header)
        {
            return header.Delta ?? (header.Date - response.Headers.Date);
        }

        return RetryAfter().Match(body) is { Success: true } match && double.TryParse(match.Groups["time"].Value, out var time)
            ? match.Groups["unit"].Success ? TimeSpan.FromMilliseconds(Math.Min(time, 1e9)) : TimeSpan.FromSeconds(Math.Min(time, 1e6))
            : null;
    }

    [GeneratedRegex("\"retry_after(?<unit>_ms)?\"\\s*:\\s*(?<time>[0-9]+(\\.[0-9]+)?)")]
    private static partial Regex RetryAfter();
}
