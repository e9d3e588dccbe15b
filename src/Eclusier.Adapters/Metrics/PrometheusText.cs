using System.Globalization;
using System.Text;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Metrics;

/// <summary>Writes metrics as Prometheus reads them: its text format, version 0.0.4.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <param name="samples">In any order; those of one metric come together.</param>
    public static string Write(IEnumerable<Sample> samples)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var group in samples.GroupBy(sample => sample.Metric))
        {
            var metric = group.Key;
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(metric.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(metric.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var sample in group)
            {
                if (sample.Distribution is { } distribution)
                {
                    AppendDistribution(text, sample, distribution);
                }
                else
                {
                    AppendLine(text, metric.Name, sample, null, sample.Value);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Here each range counts those below it too.</summary>
    private static void AppendDistribution(StringBuilder text, Sample sample, Distribution distribution)
    {
        var upTo = 0L;
        for (var range = 0; range < distribution.Counts.Count; range++)
        {
            upTo += distribution.Counts[range];
            AppendLine(text, $"{sample.Metric.Name}_bucket", sample, range < distribution.Bounds.Count ? Number(distribution.Bounds[range]) : "+Inf", upTo);
        }

        AppendLine(text, $"{sample.Metric.Name}_sum", sample, null, distribution.Sum);
        AppendLine(text, $"{sample.Metric.Name}_count", sample, null, upTo);
    }

    private static void AppendLine(StringBuilder text, string name, Sample sample, string? upTo, double value)
    {
        text.Append(name);
        var separator = '{';
        for (var index = 0; index < sample.Labels.Count; index++)
        {
            AppendLabel(text, ref separator, sample.Metric.Labels[index], sample.Labels[index]);
        }

        if (upTo is not null)
        {
            AppendLabel(text, ref separator, "le", upTo);
        }

        text.Append(separator == '{' ? "" : "}").Append(' ').Append(Number(value)).Append('\n');
    }

    private static void AppendLabel(StringBuilder text, ref char separator, string name, string value)
    {
        text.Append(separator).Append(name).Append("=\"");
        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
        separator = ',';
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
