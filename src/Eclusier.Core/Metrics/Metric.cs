namespace Eclusier.Core.Metrics;

/// <summary>What is measured, by Prometheus' conventions for names.</summary>
/// <param name="Unit">As OpenTelemetry names it: <c>s</c>, <c>By</c>, <c>1</c>.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Labels">What tells its values apart.</param>
public sealed record Metric(string Name, MetricKind Kind, string Unit, string Help, params IReadOnlyList<string> Labels)
{
    /// <summary>A counter or histogram that begins anew with each start of the agent; others live as long as the journal.</summary>
    public bool IsSinceStart { get; init; }

    /// <param name="labels">One value for each of <see cref="Labels"/>.</param>
    public Sample Of(double value, params IReadOnlyList<string> labels) => new(this, labels, value, null);

    /// <inheritdoc cref="Of(double, IReadOnlyList{string})"/>
    public Sample Of(Distribution distribution, params IReadOnlyList<string> labels) => new(this, labels, 0, distribution);
}

/// <summary>How a metric's values change.</summary>
public enum MetricKind
{
    /// <summary>Up and down.</summary>
    Gauge,

    /// <summary>Only up.</summary>
    Counter,

    /// <summary>How many fell into which range.</summary>
    Histogram,
}

/// <summary>A measured value.</summary>
/// <param name="Distribution">Of a histogram, instead of the value.</param>
public sealed record Sample(Metric Metric, IReadOnlyList<string> Labels, double Value, Distribution? Distribution);

/// <summary>How many values there were up to each bound, and beyond the last.</summary>
/// <param name="Counts">One more than there are bounds; each counts its own range only.</param>
public sealed record Distribution(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts, double Sum)
{
    public long Count => Counts.Sum();
}
