using System.Text.Json.Nodes;

namespace Eclusier.Core.Preparing;

/// <summary>Adds to each service a label with the hash of what it reaches but Compose's own hash leaves out.</summary>
/// <remarks>
/// Compose recreates a service when its section changes; the content of mounted files, configs and secrets, and the top-level
/// network and volume definitions are not part of it. A service that reaches none of these gets no label and stays as Compose would have it.
/// </remarks>
public static class ContentLabels
{
    public const string Label = "eclusier.content";

    /// <summary>Where a release's model keeps what the label was made of, so that a plan can say what changed.</summary>
    private const string ContentsKey = "x-eclusier-contents";

    /// <param name="model">Changed in place; its paths are those of the work tree.</param>
    /// <param name="workTree">The work tree's folder.</param>
    /// <param name="objectIds">Git object ids by path, relative to the work tree.</param>
    /// <returns>What each service reaches, for <see cref="Keep"/>.</returns>
    public static IReadOnlyDictionary<string, SortedDictionary<string, string>> Add(JsonObject model, string workTree, IReadOnlyDictionary<string, string> objectIds)
    {
        var all = new Dictionary<string, SortedDictionary<string, string>>();
        foreach (var (name, service) in ComposeModel.ServicesOf(model))
        {
            var contents = ContentsOf(service, model, workTree, objectIds);
            if (contents.Count > 0)
            {
                var labels = service["labels"] as JsonObject ?? [];
                labels[Label] = ModelHash.Of(string.Join('\n', contents.Select(content => $"{content.Key}={content.Value}")))[..16];
                service["labels"] = labels;
                all[name] = contents;
            }
        }

        return all;
    }

    /// <summary>Keeps in the model what its services reach. It says nothing that the labels do not: the model's hash is taken before.</summary>
    public static void Keep(JsonObject model, IReadOnlyDictionary<string, SortedDictionary<string, string>> contents)
    {
        if (contents.Count > 0)
        {
            model[ContentsKey] = new JsonObject(contents.OrderBy(service => service.Key, StringComparer.Ordinal).Select(service =>
                KeyValuePair.Create(service.Key, (JsonNode?)new JsonObject(service.Value.Select(content => KeyValuePair.Create(content.Key, (JsonNode?)content.Value))))));
        }
    }

    /// <summary>What a service of a release reaches, with hashes; <c>null</c> when the release does not say.</summary>
    public static JsonObject? KeptIn(JsonObject? model, string service) => model?[ContentsKey]?[service] as JsonObject;

    /// <summary>Whether what is reached is a file or folder of the work tree, and not a config, secret, network or volume by its name.</summary>
    public static bool IsPath(string content) => content.Split(' ', 2) is not ["config" or "secret" or "network" or "volume", _];

    /// <summary>What a service reaches, by name: a file's path, <c>config app</c>, <c>network backend</c>; with the content's hash.</summary>
    public static SortedDictionary<string, string> ContentsOf(JsonObject service, JsonObject model, string workTree, IReadOnlyDictionary<string, string> objectIds)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var mount in (service["volumes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var source = ComposeModel.TextOf(mount, "source");
            if (ComposeModel.TextOf(mount, "type") == "bind" && ObjectOf(source) is { } id)
            {
                contents[PathOf(source!)] = id;
            }
            else if (ComposeModel.TextOf(mount, "type") == "volume" && source is not null)
            {
                AddDefinition("volume", "volumes", source);
            }
        }

        foreach (var kind in new[] { "config", "secret" })
        {
            foreach (var name in (service[kind + "s"] as JsonArray ?? []).OfType<JsonObject>().Select(use => ComposeModel.TextOf(use, "source")).OfType<string>())
            {
                var definition = (model[kind + "s"] as JsonObject)?[name];
                var id = ObjectOf(ComposeModel.TextOf(definition, "file"));
                contents[$"{kind} {name}"] = id ?? ModelHash.Of(definition);
            }
        }

        foreach (var network in (service["networks"] as JsonObject ?? []).Select(entry => entry.Key))
        {
            AddDefinition("network", "networks", network);
        }

        return contents;

        string PathOf(string path) => Path.GetRelativePath(workTree, path).Replace('\\', '/') is var relative && relative == "." ? "" : relative;

        string? ObjectOf(string? path) => path is not null && Path.IsPathRooted(path) ? objectIds.GetValueOrDefault(PathOf(path)) : null;

        void AddDefinition(string kind, string section, string name)
        {
            // what Compose gives to every network and volume by itself says nothing
            if ((model[section] as JsonObject)?[name] is JsonObject definition && definition.Any(entry => entry.Key is not "name" and not "ipam" || entry.Value is JsonObject { Count: > 0 }))
            {
                contents[$"{kind} {name}"] = ModelHash.Of(definition);
            }
        }
    }
}
