using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>Finds the way through the documents that an image is made of: index, manifest, configuration. All may be anything.</summary>
internal static class ImageManifest
{
    /// <summary>This host's platform, as registries write it.</summary>
    private static readonly string Own = RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "linux/amd64",
        Architecture.X86 => "linux/386",
        var other => $"linux/{other.ToString().ToLowerInvariant()}",
    };

    /// <returns>The digest of the platform's manifest, or of the first one; <c>null</c>: it is no index.</returns>
    public static string? FindPlatform(JsonObject index, string? platform)
    {
        var manifests = (index["manifests"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var wanted = platform ?? Own;
        return TextOf((manifests.FirstOrDefault(manifest => wanted == PlatformOf(manifest)) ?? manifests.FirstOrDefault(manifest => PlatformOf(manifest).StartsWith($"{wanted}/", StringComparison.Ordinal)) ?? manifests.FirstOrDefault(manifest => $"{wanted}/".StartsWith($"{PlatformOf(manifest)}/", StringComparison.Ordinal)) ?? manifests.FirstOrDefault())?["digest"]);
    }

    /// <returns>The digest of the configuration; <c>null</c>: the manifest has none.</returns>
    public static string? FindConfiguration(JsonObject manifest) => TextOf((manifest["config"] as JsonObject)?["digest"]);

    public static IReadOnlyDictionary<string, string> LabelsOf(JsonObject configuration)
    {
        var labels = (configuration["config"] as JsonObject)?["Labels"] as JsonObject ?? [];
        return labels.Where(label => TextOf(label.Value) is not null).ToDictionary(label => label.Key, label => TextOf(label.Value)!);
    }

    /// <summary>Only those that both documents tell of.</summary>
    public static IReadOnlyList<ImageLayer> LayersOf(JsonObject manifest, JsonObject configuration) =>
        [.. (manifest["layers"] as JsonArray ?? []).Zip((configuration["rootfs"] as JsonObject)?["diff_ids"] as JsonArray ?? [])
            .Where(layer => TextOf(layer.Second) is not null && SizeOf(layer.First) is > 0)
            .Select(layer => new ImageLayer(TextOf(layer.Second)!, SizeOf(layer.First)!.Value))];

    private static long? SizeOf(JsonNode? layer) => (layer as JsonObject)?["size"] is JsonValue value && value.TryGetValue<long>(out var size) && size < long.MaxValue / 1_000_000 ? size : null;

    private static string PlatformOf(JsonObject manifest) => manifest["platform"] is JsonObject platform
        ? $"{TextOf(platform["os"])}/{TextOf(platform["architecture"])}{(TextOf(platform["variant"]) is { } variant ? $"/{variant}" : "")}"
        : "";

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
