using System.Text;
using Eclusier.Adapters.Http;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.Probes;

/// <summary>One HTTP request, judged by status and body.</summary>
internal sealed class HttpProbe(TimeProvider timeProvider)
{
    private const int LongestBody = 64 * 1024;

    // a shorter value, such as "1" or "gzip", would blot out half of any text
    private const int ShortestSecret = 6;

    public async Task<ProbeResult> RunAsync(Probe.Http probe, CancellationToken cancellationToken)
    {
        // a new connection each time: a kept one may lead to a container that is about to be replaced
        using var client = new HttpMessageInvoker(CreateHandler(probe));
        using var request = CreateRequest(probe);
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return await JudgeAsync(probe, response, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new ProbeResult(false, ProbeText.Shorten(ConnectionTrouble.Describe(exception)));
        }
    }

    private SocketsHttpHandler CreateHandler(Probe.Http probe)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !probe.Url.IsLoopback };
        handler.SslOptions.RemoteCertificateValidationCallback = probe.AcceptsAnyCertificate ? CertificateCheck.AcceptsAny : CertificateCheck.For(timeProvider);
        return handler;
    }

    private static HttpRequestMessage CreateRequest(Probe.Http probe)
    {
        var request = new HttpRequestMessage(new HttpMethod(probe.Method), probe.Url);
        foreach (var (name, value) in probe.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                // Content-Type and its like belong to a body, even to an empty one
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (request.Headers.UserAgent.Count == 0)
        {
            request.Headers.UserAgent.ParseAdd("eclusier");
        }

        return request;
    }

    private static async Task<ProbeResult> JudgeAsync(Probe.Http probe, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (!probe.Status.Any(range => range.Contains(status)))
        {
            var excerpt = ProbeText.Shorten(WithoutSecrets(probe, await ReadBodyAsync(response.Content, wanted: null, cancellationToken)));
            return new ProbeResult(false, excerpt.Length == 0 ? $"HTTP {status}" : $"HTTP {status}: {excerpt}");
        }

        if (probe.BodyContains is null)
        {
            return new ProbeResult(true, $"HTTP {status}"); // the body may be endless, and does not matter
        }

        var body = await ReadBodyAsync(response.Content, probe.BodyContains, cancellationToken);
        return body.Contains(probe.BodyContains, StringComparison.Ordinal)
            ? new ProbeResult(true, $"HTTP {status}")
            : new ProbeResult(false, $"HTTP {status}, but '{probe.BodyContains}' is not in the body: {ProbeText.Shorten(WithoutSecrets(probe, body))}");
    }

    // header values may be secrets, and some servers send back what they got
    private static string WithoutSecrets(Probe.Http probe, string body) =>
        probe.Headers.Values
            .SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(value)) // "Bearer abc": abc alone is the secret too
            .Where(value => value.Length >= ShortestSecret)
            .OrderByDescending(value => value.Length)
            .Aggregate(body, (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));

    /// <summary>Until the end, the wanted text, the limit or the deadline: the status and the first words still tell something then.</summary>
    private static async Task<string> ReadBodyAsync(HttpContent content, string? wanted, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestBody];
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var count)
            {
                length += count;
                if (wanted is not null && Encoding.UTF8.GetString(buffer, 0, length).Contains(wanted, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            // what has come until now is the answer
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
