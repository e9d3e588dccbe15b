namespace Eclusier.Core.Metrics;

/// <summary>Where metrics are sent by OTLP over HTTP, and how often.</summary>
/// <param name="Url">Where the receiver's paths begin.</param>
public sealed record TelemetrySettings(Uri Url, TimeSpan Interval)
{
    /// <summary>Sent along; may hold secrets.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
