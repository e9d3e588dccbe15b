using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>An engine that runs nothing, for a thousand stacks on a small machine: it takes the orders of the real <c>docker compose up</c>, remembers them, and says that all runs.</summary>
/// <remarks>
/// Of the Engine API 1.41 it has what Compose and Eclusier use for services without ports, volumes and healthchecks, in the engine's own form and about as long.
/// An image that is named by its digest counts as present. What it does not have is answered with 501 and kept in <see cref="NotUnderstood"/>: a test looks there.
/// </remarks>
public sealed class FakeEngine : IAsyncDisposable
{
    private readonly LabFolder folder = new();
    private readonly FakeHost host = new();
    private readonly FakeImages images = new();
    private readonly ConcurrentDictionary<string, int> requests = new();
    private readonly ConcurrentQueue<string> notUnderstood = new();
    private LabServer? server;
    private int busy;
    private int mostBusy;

    private FakeEngine()
    {
    }

    /// <summary>As in <c>DOCKER_HOST</c>.</summary>
    public string Endpoint => $"unix://{Socket}";

    /// <summary>How many containers run.</summary>
    public int Running => host.RunningCount;

    /// <summary>How often each kind of request came: <c>GET containers/*/json</c>.</summary>
    public IReadOnlyDictionary<string, int> Requests => new SortedDictionary<string, int>(requests.ToDictionary(), StringComparer.Ordinal);

    /// <summary>How many requests were answered at the same moment at most; streams of events do not count.</summary>
    public int MostAtOnce => Volatile.Read(ref mostBusy);

    /// <summary>What was asked for and is not there.</summary>
    public IReadOnlyList<string> NotUnderstood => [.. notUnderstood];

    private string Socket => Path.Combine(folder.Path, "engine.sock");

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        engine.server = await LabServer.StartAtSocketAsync(engine.Socket, engine.AnswerAsync);
        return engine;
    }

    /// <summary>The images that the running containers of a Compose project have.</summary>
    public IReadOnlyList<string> ImagesOf(string project) => host.ImagesOf(project);

    public async ValueTask DisposeAsync()
    {
        host.EndStreams();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Trim('/').Split('/');
        if (path is [{ } version, ..] && version.StartsWith("v1.", StringComparison.Ordinal))
        {
            path = path[1..];
        }

        requests.AddOrUpdate($"{context.Request.Method} {ShapeOf(path)}", 1, static (_, count) => count + 1);
        if (path is ["events"])
        {
            await host.StreamEventsAsync(context, Filters(context.Request));
            return;
        }

        var now = Interlocked.Increment(ref busy);
        for (var most = mostBusy; now > most && Interlocked.CompareExchange(ref mostBusy, now, most) != most; most = mostBusy)
        {
        }

        try
        {
            var body = context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
            await SendAsync(context, Answer(context.Request, path, body as JsonObject ?? []));
        }
        finally
        {
            Interlocked.Decrement(ref busy);
        }
    }

    private FakeAnswer Answer(HttpRequest request, string[] path, JsonObject body) => (request.Method, path) switch
    {
        ("GET" or "HEAD", ["_ping"]) => new(200),
        ("GET", ["version"]) => new(200, new JsonObject { ["Version"] = "20.10.24+fake", ["ApiVersion"] = "1.41", ["MinAPIVersion"] = "1.12", ["Os"] = "linux", ["Arch"] = "amd64" }),
        ("GET", ["info"]) => new(200, new JsonObject { ["DockerRootDir"] = "/", ["OSType"] = "linux", ["Swarm"] = new JsonObject { ["LocalNodeState"] = "inactive" } }),
        ("GET", ["containers", "json"]) => host.ListContainers(Filters(request), all: request.Query["all"] == "1" || request.Query["all"] == "true"),
        ("POST", ["containers", "create"]) => host.CreateContainer(request.Query["name"].ToString(), body, images.IdOf),
        ("GET", ["containers", var id, "json"]) => host.InspectContainer(id),
        ("POST", ["containers", var id, "start"]) => host.Start(id),
        ("POST", ["containers", var id, "stop" or "kill"]) => host.Stop(id),
        ("POST", ["containers", var id, "rename"]) => host.Rename(id, request.Query["name"].ToString()),
        ("DELETE", ["containers", var id]) => host.RemoveContainer(id),
        ("GET", ["networks"]) => host.ListNetworks(Filters(request)),
        ("POST", ["networks", "create"]) => host.CreateNetwork(body),
        ("GET", ["networks", var id]) => host.InspectNetwork(id),
        ("DELETE", ["networks", var id]) => host.RemoveNetwork(id),
        ("GET", ["volumes"]) => new(200, new JsonObject { ["Volumes"] = new JsonArray(), ["Warnings"] = null }),
        ("GET", ["images", "json"]) when Filters(request).TryGetValue("reference", out var names) => images.List(names),
        ("GET", ["images", _, _, ..] and [_, .. var name, "json"]) => images.Inspect(string.Join('/', name)),
        ("POST", ["images", .. var name, "tag"]) => images.Tag(string.Join('/', name), $"{request.Query["repo"]}:{request.Query["tag"]}"),
        ("DELETE", ["images", .. var name]) => images.Remove(string.Join('/', name)),
        _ => Refuse($"{request.Method} {request.Path}{request.QueryString}"),
    };

    private FakeAnswer Refuse(string what)
    {
        notUnderstood.Enqueue(what);
        return FakeAnswer.Error(501, $"the fake engine has no {what}");
    }

    private static async Task SendAsync(HttpContext context, FakeAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.Headers["Api-Version"] = "1.41";
        context.Response.Headers["Ostype"] = "linux";
        if (answer.Body is { } content)
        {
            var text = JsonSerializer.SerializeToUtf8Bytes(content);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = text.Length;
            await context.Response.Body.WriteAsync(text);
        }
    }

    /// <summary>By name of the filter. Docker's programs send <c>{"label":{"a=b":true}}</c>, others <c>{"label":["a=b"]}</c>.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Filters(HttpRequest request) =>
        request.Query["filters"].ToString() is { Length: > 0 } text && JsonNode.Parse(text) is JsonObject filters
            ? filters.ToDictionary(filter => filter.Key, IReadOnlyList<string> (filter) => filter.Value is JsonObject set ? [.. set.Select(entry => entry.Key)] : [.. filter.Value!.AsArray().Select(value => value!.GetValue<string>())])
            : [];

    private static string ShapeOf(string[] path) => path switch
    {
        ["images", "json"] => "images/json",
        ["images", .., ("json" or "tag") and var what] => $"images/*/{what}",
        ["images", ..] => "images/*",
        ["containers" or "networks", "json" or "create"] => string.Join('/', path),
        ["containers" or "networks", _, .. var rest] => string.Join('/', [path[0], "*", .. rest]),
        _ => string.Join('/', path),
    };
}

/// <summary>What the engine answers.</summary>
internal sealed record FakeAnswer(int Status, JsonNode? Body = null)
{
    public static FakeAnswer Error(int status, string message) => new(status, new JsonObject { ["message"] = message });
}
