using System.Text.Json.Nodes;
using Eclusier.Adapters.Metrics;
using Eclusier.Core.Metrics;

namespace Eclusier.Adapters.Tests.Metrics;

public sealed class MetricFormatSpecs
{
    private static readonly Metric Gauge = new("eclusier_stack_behind_seconds", MetricKind.Gauge, "s", "How far.\nReally \\ so.", "stack", "ref");

    private static readonly Metric Histogram = new("eclusier_check_duration_seconds", MetricKind.Histogram, "s", "How long.") { IsSinceStart = true };

    private static readonly Metric Counter = new("eclusier_checks_total", MetricKind.Counter, "1", "How many.", "stack") { IsSinceStart = true };

    private static readonly IReadOnlyList<Sample> Samples =
    [
        Gauge.Of(1.5, "shop", "main"), Histogram.Of(new Distribution([0.1, 1], [2, 0, 1], 3.25)), Gauge.Of(0, "b\"lo\\g", "x\ny"), Counter.Of(123_456_789_012, "shop"),
    ];

    [Fact]
    public void Prometheus_gets_its_text_form() => Assert.Equal(
        """
        # HELP eclusier_stack_behind_seconds How far.\nReally \\ so.
        # TYPE eclusier_stack_behind_seconds gauge
        eclusier_stack_behind_seconds{stack="shop",ref="main"} 1.5
        eclusier_stack_behind_seconds{stack="b\"lo\\g",ref="x\ny"} 0
        # HELP eclusier_check_duration_seconds How long.
        # TYPE eclusier_check_duration_seconds histogram
        eclusier_check_duration_seconds_bucket{le="0.1"} 2
        eclusier_check_duration_seconds_bucket{le="1"} 2
        eclusier_check_duration_seconds_bucket{le="+Inf"} 3
        eclusier_check_duration_seconds_sum 3.25
        eclusier_check_duration_seconds_count 3
        # HELP eclusier_checks_total How many.
        # TYPE eclusier_checks_total counter
        eclusier_checks_total{stack="shop"} 123456789012

        """,
        PrometheusText.Write(Samples));

    [Fact]
    public void An_OpenTelemetry_receiver_gets_its_JSON_form()
    {
        var started = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);
        var json = OtlpJson.Write(Samples, new Dictionary<string, string> { ["service.name"] = "eclusier" }, started, started.AddTicks(1));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"eclusier"}}]},"scopeMetrics":[{"scope":{"name":"eclusier"},"metrics":[
            {"name":"eclusier_stack_behind_seconds","description":"How far.\nReally \\ so.","unit":"s","gauge":{"dataPoints":[
              {"attributes":[{"key":"stack","value":{"stringValue":"shop"}},{"key":"ref","value":{"stringValue":"main"}}],"timeUnixNano":"1700000000000000100","asDouble":1.5},
              {"attributes":[{"key":"stack","value":{"stringValue":"b\"lo\\g"}},{"key":"ref","value":{"stringValue":"x\ny"}}],"timeUnixNano":"1700000000000000100","asDouble":0}]}},
            {"name":"eclusier_check_duration_seconds","description":"How long.","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[
              {"attributes":[],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000100","count":"3","sum":3.25,"bucketCounts":["2","0","1"],"explicitBounds":[0.1,1]}]}},
            {"name":"eclusier_checks_total","description":"How many.","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
              {"attributes":[{"key":"stack","value":{"stringValue":"shop"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000100","asDouble":123456789012}]}}
            ]}]}]}
            """),
            JsonNode.Parse(json)), System.Text.Encoding.UTF8.GetString(json));
    }
}
