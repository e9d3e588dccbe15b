using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>telemetry</c>.</summary>
internal static class TelemetryKeys
{
    public static readonly Key<Uri> Otlp = new("otlp", new HttpUrlFormat())
    {
        IsRequired = true,
        Description = "Where an OpenTelemetry receiver takes OTLP over HTTP; `/v1/metrics` is put behind it.",
        Example = "otlp: http://127.0.0.1:4318",
    };

    public static readonly DefaultedKey<TimeSpan> Interval = new("interval", new DurationFormat("5s", "1h"), "1m")
    {
        Description = "How often the metrics are sent.",
        Example = "interval: 30s",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, string>>> Headers = new(
        "headers",
        new MapFormat<string>("the name of a header", "header names and texts", ProbeKeys.HeaderName(), new TextFormat("a text") { MayBeEmpty = true, IsSensitive = true }),
        "{}")
    {
        Description = "Headers to send along. Take secrets from the environment.",
        Example = "headers: { Authorization: \"Bearer ${OTLP_TOKEN}\" }",
    };

    public static readonly Group<TelemetrySettings> Group = new(
        "telemetry",
        [Otlp, Interval, Headers],
        [],
        reading => reading.Find(Otlp) is { } url ? new TelemetrySettings(url, reading.Value(Interval)) { Headers = new Dictionary<string, string>(reading.Value(Headers)) } : null);
}
