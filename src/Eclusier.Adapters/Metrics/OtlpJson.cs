using System.Globalization;
using System.Text.Json;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Metrics;

/// <summary>Writes metrics as an OTLP request in JSON: <c>ExportMetricsServiceRequest</c> of opentelemetry-proto.</summary>
public static class OtlpJson
{
    private const int Cumulative = 2;

    /// <param name="resource">Whose metrics these are: <c>service.name</c> and so on.</param>
    /// <param name="startedAt">When what counts since the start began to count.</param>
    public static byte[] Write(IEnumerable<Sample> samples, IReadOnlyDictionary<string, string> resource, DateTimeOffset startedAt, DateTimeOffset now)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceMetrics");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            WriteAttributes(json, resource.Select(attribute => (attribute.Key, attribute.Value)));
            json.WriteEndObject();
            json.WriteStartArray("scopeMetrics");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", "eclusier");
            json.WriteEndObject();
            json.WriteStartArray("metrics");
            foreach (var group in samples.GroupBy(sample => sample.Metric))
            {
                WriteMetric(json, group.Key, [.. group], startedAt, now);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteMetric(Utf8JsonWriter json, Metric metric, IReadOnlyList<Sample> samples, DateTimeOffset startedAt, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("name", metric.Name);
        json.WriteString("description", metric.Help);
        json.WriteString("unit", metric.Unit);
        json.WriteStartObject(metric.Kind switch { MetricKind.Gauge => "gauge", MetricKind.Counter => "sum", _ => "histogram" });
        if (metric.Kind is not MetricKind.Gauge)
        {
            json.WriteNumber("aggregationTemporality", Cumulative);
        }

        if (metric.Kind is MetricKind.Counter)
        {
            json.WriteBoolean("isMonotonic", true);
        }

        json.WriteStartArray("dataPoints");
        foreach (var sample in samples)
        {
            json.WriteStartObject();
            WriteAttributes(json, metric.Labels.Zip(sample.Labels));
            if (metric.IsSinceStart)
            {
                json.WriteString("startTimeUnixNano", Nanoseconds(startedAt));
            }

            json.WriteString("timeUnixNano", Nanoseconds(now));
            if (sample.Distribution is { } distribution)
            {
                WriteDistribution(json, distribution);
            }
            else
            {
                json.WriteNumber("asDouble", sample.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <remarks>64-bit integers are texts in the JSON form of protocol buffers.</remarks>
    private static void WriteDistribution(Utf8JsonWriter json, Distribution distribution)
    {
        json.WriteString("count", distribution.Count.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("sum", distribution.Sum);
        json.WriteStartArray("bucketCounts");
        foreach (var count in distribution.Counts)
        {
            json.WriteStringValue(count.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndArray();
        json.WriteStartArray("explicitBounds");
        foreach (var bound in distribution.Bounds)
        {
            json.WriteNumberValue(bound);
        }

        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, IEnumerable<(string Name, string Value)> attributes)
    {
        json.WriteStartArray("attributes");
        foreach (var (name, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", name);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Nanoseconds(DateTimeOffset at) => ((at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100).ToString(CultureInfo.InvariantCulture);
}
