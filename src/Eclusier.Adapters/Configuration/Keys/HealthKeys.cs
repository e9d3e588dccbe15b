using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>health</c>.</summary>
internal static class HealthKeys
{
    public static readonly DefaultedKey<TimeSpan> Timeout = new("timeout", new DurationFormat("1s", "1d"), "100s")
    {
        Description = """
            How long a release may take to become healthy, from the moment it was applied until every container, healthcheck and probe passes.
            When the time is up the release has failed.
            """,
        Example = "timeout: 5m",
    };

    public static readonly DefaultedKey<TimeSpan> Interval = new("interval", new DurationFormat("100ms", "1h"), "10s")
    {
        Description = "The time between two looks at the containers and probes.",
        Example = "interval: 5s",
    };

    public static readonly DefaultedKey<TimeSpan> Soak = new("soak", new DurationFormat("0s", "1d"), "15s")
    {
        Description = """
            How long everything must stay healthy before the release is committed as last known good. It catches what starts well and dies a little
            later. `0s` commits at once.
            """,
        Example = "soak: 1m",
    };

    public static readonly DefaultedKey<IReadOnlyList<Probe>> Probes = new("probes", new ListFormat<Probe>("probes", ProbeKeys.Group), "[]")
    {
        Description = """
            Checks besides Compose's own healthchecks, which always count. Each probe is of exactly one kind: `http`, `tcp` or `exec`. A probe that
            already failed before a deployment cannot cause a rollback alone.
            """,
    };

    public static readonly Group<HealthPolicy> Group = new("health", [Timeout, Interval, Soak, Probes], [], reading => new HealthPolicy
    {
        Timeout = reading.Value(Timeout),
        Interval = reading.Value(Interval),
        Soak = reading.Value(Soak),
        Probes = reading.Value(Probes),
    });
}
