using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>A receiver of OTLP metrics over HTTP that takes nothing it does not know: field names, their types and their rules are those of opentelemetry-proto (metrics/v1).</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<OtlpRequest> requests = new();
    private readonly ConcurrentQueue<string> complaints = new();
    private LabServer server = null!;

    public Uri Address => server.Address;

    public IReadOnlyList<OtlpRequest> Requests => [.. requests];

    /// <summary>What was wrong with requests.</summary>
    public IReadOnlyList<string> Complaints => [.. complaints];

    /// <summary>What it answers instead of 200, for as long as it is set.</summary>
    public int? Trouble { get; set; }

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        receiver.server = await LabServer.StartAsync(receiver.AnswerAsync);
        return receiver;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (Trouble is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        try
        {
            Demand(context.Request.Method == "POST" && context.Request.Path == "/v1/metrics", $"{context.Request.Method} {context.Request.Path}");
            Demand(context.Request.ContentType?.Split(';')[0] == "application/json", $"content type {context.Request.ContentType}");
            var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            var samples = Read(body).ToList();
            requests.Enqueue(new OtlpRequest(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), Resource(body), samples));
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{}");
        }
        catch (Exception exception)
        {
            complaints.Enqueue(exception.Message);
            context.Response.StatusCode = 400;
        }
    }

    private static Dictionary<string, string> Resource(JsonObject body) => Attributes(body["resourceMetrics"]![0]!["resource"]!["attributes"]!);

    private static IEnumerable<OtlpSample> Read(JsonObject body)
    {
        Only(body, "resourceMetrics");
        foreach (var resource in body["resourceMetrics"]!.AsArray())
        {
            Only(resource!, "resource", "scopeMetrics");
            Only(resource!["resource"]!, "attributes");
            foreach (var scope in resource["scopeMetrics"]!.AsArray())
            {
                Only(scope!, "scope", "metrics");
                Only(scope!["scope"]!, "name", "version");
                foreach (var metric in scope["metrics"]!.AsArray())
                {
                    foreach (var sample in Metric(metric!))
                    {
                        yield return sample;
                    }
                }
            }
        }
    }

    private static IEnumerable<OtlpSample> Metric(JsonNode metric)
    {
        Only(metric, "name", "description", "unit", "gauge", "sum", "histogram");
        var kind = metric.AsObject().Select(field => field.Key).Single(key => key is "gauge" or "sum" or "histogram");
        var data = metric[kind]!;
        Only(data, kind switch { "gauge" => ["dataPoints"], "sum" => ["dataPoints", "aggregationTemporality", "isMonotonic"], _ => ["dataPoints", "aggregationTemporality"] });
        Demand(kind == "gauge" || data["aggregationTemporality"]!.GetValue<int>() == 2, "not cumulative");
        Demand(data["dataPoints"]!.AsArray().Count > 0, $"{metric["name"]} has no points");
        foreach (var point in data["dataPoints"]!.AsArray())
        {
            Only(point!, kind == "histogram" ? ["attributes", "startTimeUnixNano", "timeUnixNano", "count", "sum", "bucketCounts", "explicitBounds"] : ["attributes", "startTimeUnixNano", "timeUnixNano", "asDouble"]);
            var (start, time) = (point!["startTimeUnixNano"] is { } since ? Whole(since) : 0, Whole(point["timeUnixNano"]!));
            Demand(start <= time && time > 1_600_000_000_000_000_000, $"from {start} to {time}");
            if (kind == "histogram")
            {
                var (counts, bounds) = (point["bucketCounts"]!.AsArray().Select(count => Whole(count!)).ToList(), point["explicitBounds"]!.AsArray().Select(bound => bound!.GetValue<double>()).ToList());
                Demand(counts.Count == bounds.Count + 1, "one more count than there are bounds");
                Demand(bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second), "bounds that rise");
                Demand(counts.Aggregate(0ul, (all, count) => all + count) == Whole(point["count"]!), "counts that add up");
                yield return new OtlpSample(metric["name"]!.GetValue<string>(), Attributes(point["attributes"]!), Whole(point["count"]!));
            }
            else
            {
                yield return new OtlpSample(metric["name"]!.GetValue<string>(), Attributes(point["attributes"]!), point["asDouble"]!.GetValue<double>());
            }
        }
    }

    private static Dictionary<string, string> Attributes(JsonNode attributes) => attributes.AsArray().ToDictionary(
        attribute =>
        {
            Only(attribute!, "key", "value");
            Only(attribute!["value"]!, "stringValue");
            return attribute["key"]!.GetValue<string>();
        },
        attribute => attribute!["value"]!["stringValue"]!.GetValue<string>());

    /// <summary>64-bit integers are texts in the JSON form.</summary>
    private static ulong Whole(JsonNode node) => ulong.Parse(node.GetValue<string>(), NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Only(JsonNode node, params string[] names) => Demand(node.AsObject().All(field => names.Contains(field.Key)), $"unknown field in {node.ToJsonString()}");

    private static void Demand(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new InvalidOperationException($"not as the protocol says: {what}");
        }
    }
}

/// <summary>What one request told.</summary>
public sealed record OtlpRequest(IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Resource, IReadOnlyList<OtlpSample> Samples);

/// <summary>A value; of a histogram its count.</summary>
public sealed record OtlpSample(string Name, IReadOnlyDictionary<string, string> Attributes, double Value);
