using System.Text.Json.Nodes;
using Eclusier.Core.Health;

namespace Eclusier.Core.Preparing;

/// <summary>Reads what Eclusier needs to know from a rendered Compose model.</summary>
public static class ComposeModel
{
    /// <summary>Where a model keeps the values of variables that configs and secrets take at <c>up</c>.</summary>
    public const string VariablesKey = "x-eclusier-variables";

    public static IEnumerable<KeyValuePair<string, JsonObject>> ServicesOf(JsonObject model) =>
        (model["services"] as JsonObject ?? []).Where(entry => entry.Value is JsonObject).Select(entry => KeyValuePair.Create(entry.Key, (JsonObject)entry.Value!));

    public static string? TextOf(JsonNode? node, string key) => Inner(node, key) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The image as written, or the name that Compose gives to a local build.</summary>
    public static string ImageOf(string project, string service, JsonObject definition) => TextOf(definition, "image") ?? $"{project}-{service}";

    /// <summary><c>deploy.replicas</c>, or <c>scale</c>, or 1.</summary>
    public static int ReplicasOf(JsonObject definition) =>
        NumberOf(Inner(definition["deploy"], "replicas")) ?? NumberOf(definition["scale"]) ?? 1;

    /// <summary>For example <c>linux/arm64</c>; <c>null</c>: the engine's own.</summary>
    public static string? PlatformOf(JsonObject model, string service) => TextOf(model["services"]?[service], "platform");

    public static bool IsBuilt(JsonObject definition) => definition["build"] is JsonObject;

    /// <summary>The image is one that exists on this host only.</summary>
    public static bool IsLocalOnly(JsonObject definition) => TextOf(definition, "pull_policy") == "never";

    /// <summary>Fixed host ports that the service publishes; ports that the engine chooses are left out.</summary>
    public static IReadOnlyList<HostPort> PublishedPortsOf(JsonObject definition) =>
        [.. (definition["ports"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(port => int.TryParse(TextOf(port, "published"), out _))
            .Select(port => new HostPort(TextOf(port, "host_ip") ?? "0.0.0.0", int.Parse(TextOf(port, "published")!), TextOf(port, "protocol") ?? "tcp"))];

    /// <summary>Paths of the host that the service's containers see: bind mounts, configs and secrets.</summary>
    public static IEnumerable<string> MountedPathsOf(JsonObject model, string service)
    {
        var definition = Inner(model["services"], service);
        var binds = (Inner(definition, "volumes") as JsonArray ?? []).OfType<JsonObject>().Where(mount => TextOf(mount, "type") == "bind").Select(mount => TextOf(mount, "source"));
        var files = new[] { "configs", "secrets" }.SelectMany(kind => (Inner(definition, kind) as JsonArray ?? []).OfType<JsonObject>()
            .Select(use => TextOf(use, "source")).OfType<string>().Select(name => TextOf(Inner(model[kind], name), "file")));
        return binds.Concat(files).OfType<string>();
    }

    /// <summary>A model that is not of the promised form is read as far as it goes: an index on what is no object would throw.</summary>
    private static JsonNode? Inner(JsonNode? node, string key) => (node as JsonObject)?[key];

    private static int? NumberOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
