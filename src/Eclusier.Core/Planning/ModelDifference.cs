using System.Text.Json.Nodes;
using Eclusier.Core.Preparing;

namespace Eclusier.Core.Planning;

/// <summary>Says in words how a service's definition differs between two models. Values of variables are never told, only their names.</summary>
internal static class ModelDifference
{
    /// <param name="contents">What the service reaches, before and after, where the releases say it.</param>
    public static IReadOnlyList<string> Between(JsonObject? before, JsonObject? after, (JsonObject? Before, JsonObject? After) contents)
    {
        if (before is null || after is null)
        {
            return [];
        }

        var keys = before.Select(entry => entry.Key).Union(after.Select(entry => entry.Key)).Order(StringComparer.Ordinal);
        return [.. keys.Where(key => ModelHash.Of(before[key]) != ModelHash.Of(after[key])).SelectMany(key => key == "labels" ? OfLabels(before[key], after[key], contents) : [Reason(key, before[key], after[key])])];
    }

    private static IEnumerable<string> OfLabels(JsonNode? before, JsonNode? after, (JsonObject? Before, JsonObject? After) contents)
    {
        var names = DifferingKeys(before, after);
        if (names.Remove(ContentLabels.Label))
        {
            var changed = OfContents(contents);
            foreach (var name in changed.Count > 0 ? changed : names.Count > 0 || contents is (not null, not null) ? [] : ["a mounted file, config or definition changed"])
            {
                yield return name;
            }
        }

        if (names.Count > 0)
        {
            yield return $"labels {string.Join(", ", names)}";
        }
    }

    /// <summary>What has another content; what is reached only before or after shows in the definition itself.</summary>
    public static IReadOnlyList<string> OfContents((JsonObject? Before, JsonObject? After) contents) =>
        contents is (not null, not null) ? [.. DifferingKeys(contents.Before, contents.After).Where(name => contents.Before[name] is not null && contents.After[name] is not null).Select(Told)] : [];

    /// <summary>A path is that of something mounted; the rest says what it is.</summary>
    private static string Told(string content) =>
        content.Length == 0 ? "the mounted work tree changed"
        : ContentLabels.IsPath(content) ? $"mounted {content} changed"
        : $"{content} changed";

    private static string Reason(string key, JsonNode? before, JsonNode? after) => key switch
    {
        "image" => $"image {Shown(before)} → {Shown(after)}",
        "environment" => $"environment {Names(before, after)}",
        "volumes" => "mounts",
        _ => key,
    };

    private static string Names(JsonNode? before, JsonNode? after) => string.Join(", ", DifferingKeys(before, after));

    private static List<string> DifferingKeys(JsonNode? before, JsonNode? after)
    {
        var old = before as JsonObject ?? [];
        var fresh = after as JsonObject ?? [];
        return [.. old.Select(entry => entry.Key).Union(fresh.Select(entry => entry.Key)).Where(key => ModelHash.Of(old[key]) != ModelHash.Of(fresh[key])).Order(StringComparer.Ordinal)];
    }

    /// <summary>The digest's beginning is enough to tell two apart.</summary>
    private static string Shown(JsonNode? image)
    {
        var text = image?.GetValue<string>() ?? "none";
        var digest = text.IndexOf("sha256:", StringComparison.Ordinal);
        return digest < 0 || text.Length < digest + 19 ? text : text[..(digest + 19)];
    }
}
