using System.Collections.Concurrent;

namespace Eclusier.Core.Metrics;

/// <summary>What is counted while it happens; everything else is read from the journal when somebody asks.</summary>
public sealed class Instruments
{
    public Tally Checks { get; } = new(Catalogue.Checks);

    public Timing CheckDuration { get; } = new(Catalogue.CheckDuration);

    public Tally SourceRequests { get; } = new(Catalogue.SourceRequests);

    public Timing SourceRequestDuration { get; } = new(Catalogue.SourceRequestDuration);

    public Tally RegistryRequests { get; } = new(Catalogue.RegistryRequests);

    public Timing RegistryRequestDuration { get; } = new(Catalogue.RegistryRequestDuration);

    public Tally Webhooks { get; } = new(Catalogue.Webhooks);

    public IEnumerable<Sample> Read() =>
    [
        .. Checks.Read(), CheckDuration.Read(), .. SourceRequests.Read(), SourceRequestDuration.Read(), .. RegistryRequests.Read(), RegistryRequestDuration.Read(), .. Webhooks.Read(),
    ];
}

/// <summary>Counts what happens, by labels. Their values must be few.</summary>
public sealed class Tally(Metric metric)
{
    private readonly ConcurrentDictionary<(string First, string Second), long> counts = new();

    public void Add(string first, string second = "") => Add(first, second, 1);

    /// <summary>So that a first event is seen as a rise from 0.</summary>
    public void Prepare(string first, string second = "") => Add(first, second, 0);

    public IEnumerable<Sample> Read() => counts.OrderBy(count => count.Key).Select(count => metric.Of(count.Value, metric.Labels.Count == 1 ? [count.Key.First] : [count.Key.First, count.Key.Second]));

    private void Add(string first, string second, long by) => counts.AddOrUpdate((first, second), by, (_, count) => count + by);
}

/// <summary>Keeps how long something took.</summary>
public sealed class Timing(Metric metric)
{
    public static readonly IReadOnlyList<double> Bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Lock gate = new();
    private readonly long[] counts = new long[Bounds.Count + 1];
    private double sum;

    public void Add(TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        var range = Bounds.TakeWhile(bound => seconds > bound).Count();
        lock (gate)
        {
            counts[range]++;
            sum += seconds;
        }
    }

    public Sample Read()
    {
        lock (gate)
        {
            return metric.Of(new Distribution(Bounds, [.. counts], sum));
        }
    }
}
