using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Metrics;

/// <summary>Sends metrics to an OpenTelemetry receiver.</summary>
/// <remarks>What does not arrive is not sent again: the next request says how it is then, and counters go on from where they were.</remarks>
public sealed class OtlpSender(TelemetrySettings settings, MessageSender sender)
{
    private readonly Uri address = new(settings.Url.GetLeftPart(UriPartial.Path).TrimEnd('/') is var url && url.EndsWith("/v1/metrics", StringComparison.Ordinal) ? $"{url}{settings.Url.Query}" : $"{url}/v1/metrics{settings.Url.Query}");

    /// <exception cref="FailureException">It was not taken.</exception>
    public async Task SendAsync(byte[] metrics, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = MessageSender.JsonContent(metrics) };
        foreach (var (name, value) in settings.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        await sender.SendAsync(request, [.. settings.Headers.Values], cancellationToken);
    }
}
