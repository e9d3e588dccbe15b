using Eclusier.Core.Metrics;

namespace Eclusier.Core.Tests.Metrics;

public sealed class CatalogueSpecs
{
    [Fact]
    public void Names_keep_to_the_conventions() => Assert.All(Catalogue.All, metric =>
    {
        Assert.Matches("^(eclusier|process)_[a-z0-9]+(_[a-z0-9]+)*$", metric.Name);
        Assert.Equal(metric.Kind is MetricKind.Counter, metric.Name.EndsWith("_total", StringComparison.Ordinal));
        Assert.Equal(metric.Unit == "s", metric.Name.Contains("_seconds", StringComparison.Ordinal));
        Assert.Equal(metric.Unit == "By", metric.Name.Contains("_bytes", StringComparison.Ordinal));
        Assert.EndsWith(".", metric.Help);
        Assert.DoesNotContain("le", metric.Labels);
    });

    [Fact]
    public void Each_is_there_once_and_all_are() // as declared
    {
        Assert.Equal(Catalogue.All.Select(metric => metric.Name).Distinct(), Catalogue.All.Select(metric => metric.Name));
        Assert.Equal(typeof(Catalogue).GetFields().Length, Catalogue.All.Count);
    }

    [Fact]
    public void A_time_falls_into_its_range()
    {
        var timing = new Timing(Catalogue.CheckDuration);
        foreach (var milliseconds in new[] { 0, 10, 11, 400, 60_000 })
        {
            timing.Add(TimeSpan.FromMilliseconds(milliseconds));
        }

        var read = timing.Read().Distribution!;
        Assert.Equal([2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], read.Counts);
        Assert.Equal(60.421, read.Sum, 6);
        Assert.Equal(5, read.Count);
    }

    [Fact]
    public void Many_at_once_lose_no_count()
    {
        var tally = new Tally(Catalogue.Checks);
        Parallel.For(0, 10_000, index => tally.Add(index % 2 == 0 ? "shop" : "blog", "poll"));
        Assert.Equal([("blog", 5_000d), ("shop", 5_000d)], tally.Read().Select(sample => (sample.Labels[0], sample.Value)));
    }
}
