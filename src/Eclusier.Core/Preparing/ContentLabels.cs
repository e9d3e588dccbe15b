using System.Text.Json.Nodes;

namespace Eclusier.Core.Preparing;

/// <summary>Adds to each service a label with the hash of what it reaches but Compose's own hash leaves out.</summary>
/// <remarks>
/// Compose recreates a service when its section changes; the content of mounted files, configs and secrets, and the top-level
/// network and volume definitions are not part of it. A service that reaches none of these gets no label and stays as Compose would have it.
/// Files of a service that is told by a signal (<see cref="ReloadSignal"/>) are no part of its label, which would recreate it: their hash stands beside the services.
/// </remarks>
public static class ContentLabels
{
    public const string Label = "eclusier.content";

    /// <summary>Where a release's model keeps what the label was made of, so that a plan can say what changed.</summary>
    private const string ContentsKey = "x-eclusier-contents";

    /// <summary>Where a model has, by service, the hash of the files that it is told of by a signal.</summary>
    private const string ReloadsKey = "x-eclusier-reloads";

    /// <param name="model">Changed in place; its paths are those of the work tree.</param>
    /// <param name="workTree">The work tree's folder.</param>
    /// <param name="objectIds">Git object ids by path, relative to the work tree; hashes of the host's own files by absolute path.</param>
    /// <returns>What each service reaches, for <see cref="Keep"/>.</returns>
    public static IReadOnlyDictionary<string, SortedDictionary<string, string>> Add(JsonObject model, string workTree, IReadOnlyDictionary<string, string> objectIds)
    {
        var reloads = new JsonObject();
        var all = new Dictionary<string, SortedDictionary<string, string>>();
        foreach (var (name, service) in ComposeModel.ServicesOf(model))
        {
            var contents = ContentsOf(service, model, workTree, objectIds);
            var told = ReloadSignal.Of(service) is null ? [] : contents.Where(content => IsFile(model, content.Key)).ToList();
            var labelled = contents.Except(told).ToList();
            if (labelled.Count > 0)
            {
                var labels = service["labels"] as JsonObject ?? [];
                labels[Label] = HashOf(labelled);
                service["labels"] = labels;
            }

            if (told.Count > 0)
            {
                reloads[name] = HashOf(told);
            }

            if (contents.Count > 0)
            {
                all[name] = contents;
            }
        }

        if (reloads.Count > 0)
        {
            model[ReloadsKey] = reloads; // other files make another release, though no other container
        }

        return all;

        string HashOf(IEnumerable<KeyValuePair<string, string>> some) => ModelHash.Of(string.Join('\n', some.Select(content => $"{content.Key}={content.Value}")))[..16];
    }

    /// <summary>The hash of the files that a service is told of by a signal.</summary>
    /// <returns><c>null</c>: of none.</returns>
    public static string? ReloadHashIn(JsonObject? model, string service) => ComposeModel.TextOf(model?[ReloadsKey], service);

    /// <summary>The files and folders that a service of a release reaches and that count, absolute.</summary>
    public static IEnumerable<string> FilesIn(JsonObject model, string service, string workTree) =>
        (KeptIn(model, service) ?? []).Select(content => content.Key).Where(name => IsFile(model, name))
            .Select(name => Path.GetFullPath(Path.Combine(workTree, IsPath(name) ? name : FileOf(model, name)!)));

    /// <summary>Files of the host that services reach without being able to write to them, and that git does not know: absolute.</summary>
    public static IReadOnlyList<string> HostFilesOf(JsonObject model, string workTree, IReadOnlyDictionary<string, string> objectIds)
    {
        var named = new[] { "config", "secret" }.SelectMany(kind => (model[kind + "s"] as JsonObject ?? []).Select(entry => ComposeModel.TextOf(entry.Value, "file")));
        var mounted = ComposeModel.ServicesOf(model).SelectMany(service => (service.Value["volumes"] as JsonArray ?? []).OfType<JsonObject>())
            .Where(mount => ComposeModel.TextOf(mount, "type") == "bind" && IsReadOnly(mount))
            .Select(mount => ComposeModel.TextOf(mount, "source"));
        return [.. named.Concat(mounted).OfType<string>().Where(path => Path.IsPathRooted(path) && !objectIds.ContainsKey(NameOf(path, workTree))).Distinct().Order(StringComparer.Ordinal)];
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
            if (ComposeModel.TextOf(mount, "type") == "bind" && ObjectOf(source, IsReadOnly(mount)) is { } id)
            {
                contents[NameOf(source!, workTree)] = id;
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
                var id = ObjectOf(ComposeModel.TextOf(definition, "file"), isReadOnly: true);
                contents[$"{kind} {name}"] = id ?? ModelHash.Of(definition);
            }
        }

        foreach (var network in (service["networks"] as JsonObject ?? []).Select(entry => entry.Key))
        {
            AddDefinition("network", "networks", network);
        }

        return contents;

        string? ObjectOf(string? path, bool isReadOnly) => path is null || !Path.IsPathRooted(path) ? null
            : NameOf(path, workTree) is var name && name != path && objectIds.TryGetValue(name, out var id) ? id
            : isReadOnly ? objectIds.GetValueOrDefault(path) : null;

        void AddDefinition(string kind, string section, string name)
        {
            // what Compose gives to every network and volume by itself says nothing
            if ((model[section] as JsonObject)?[name] is JsonObject definition && definition.Any(entry => entry.Key is not "name" and not "ipam" || entry.Value is JsonObject { Count: > 0 }))
            {
                contents[$"{kind} {name}"] = ModelHash.Of(definition);
            }
        }
    }

    /// <summary>What a service may write to is its data: it would be recreated for what it wrote itself.</summary>
    private static bool IsReadOnly(JsonObject mount) => mount["read_only"] is JsonValue value && value.TryGetValue<bool>(out var isReadOnly) && isReadOnly;

    /// <summary>Relative to the work tree, whose root is the empty text; what is outside it by its whole path.</summary>
    private static string NameOf(string path, string workTree) =>
        Path.GetRelativePath(workTree, path).Replace('\\', '/') is var relative && relative == "." ? "" : relative.StartsWith("../", StringComparison.Ordinal) ? path : relative;

    /// <summary>Whether what is reached is on the disk: a file or folder, or a config or secret that is one.</summary>
    internal static bool IsFile(JsonObject model, string content) => IsPath(content) || FileOf(model, content) is not null;

    private static string? FileOf(JsonObject model, string content) =>
        content.Split(' ', 2) is [var kind and ("config" or "secret"), var name] && model[kind + "s"] is JsonObject section ? ComposeModel.TextOf(section[name], "file") : null;
}
