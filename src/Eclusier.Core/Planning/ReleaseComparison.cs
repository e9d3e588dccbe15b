using System.Text.Json.Nodes;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;

namespace Eclusier.Core.Planning;

/// <summary>Compares two releases with each other, whatever runs.</summary>
public static class ReleaseComparison
{
    private static readonly string[] SharedSections = ["networks", "volumes", "configs", "secrets"];

    public static ReleaseDifference Between((Release Release, JsonObject Model) before, (Release Release, JsonObject Model) after)
    {
        var names = before.Release.Services.Concat(after.Release.Services).Select(service => service.Name).Distinct().Order(StringComparer.Ordinal);
        return new ReleaseDifference(
            [.. names.Select(name => OfService(name, before, after)).OfType<ServiceDifference>()],
            [.. OfShared(before, after)]);
    }

    private static ServiceDifference? OfService(string name, (Release Release, JsonObject Model) before, (Release Release, JsonObject Model) after)
    {
        var (old, fresh) = (before.Release.Service(name), after.Release.Service(name));
        if (old is null || fresh is null)
        {
            return new ServiceDifference(name, old is null ? ServiceFate.Added : ServiceFate.Removed) { ImageBefore = ImageOf(old), ImageAfter = ImageOf(fresh) };
        }

        var (definitionBefore, definitionAfter) = (DefinitionOf(before.Model, name), DefinitionOf(after.Model, name));
        var sameImage = old.Image == fresh.Image && old.Reference == fresh.Reference;
        var difference = new ServiceDifference(name, ServiceFate.Changed)
        {
            ImageBefore = sameImage ? null : ImageOf(old),
            ImageAfter = sameImage ? null : ImageOf(fresh),
            Environment = Changes(definitionBefore["environment"], definitionAfter["environment"]),
            Contents = Changes(ContentLabels.KeptIn(before.Model, name), ContentLabels.KeptIn(after.Model, name)),
            Keys = [.. OfKeys(definitionBefore, definitionAfter)],
        };
        return sameImage && difference.Environment.IsEmpty && difference.Contents.IsEmpty && difference.Keys.Count == 0 ? null : difference;
    }

    /// <summary>The image, the variables and what stands behind the content label are told apart.</summary>
    private static IEnumerable<string> OfKeys(JsonObject before, JsonObject after)
    {
        foreach (var key in Different(Changes(before, after)).Where(key => key is not "image" and not "environment").Order(StringComparer.Ordinal))
        {
            if (key != "labels")
            {
                yield return key == "volumes" ? "mounts" : key;
                continue;
            }

            foreach (var label in Different(Changes(before[key], after[key])).Where(label => label != ContentLabels.Label).Order(StringComparer.Ordinal))
            {
                yield return $"label {label}";
            }
        }
    }

    private static IEnumerable<string> OfShared((Release Release, JsonObject Model) before, (Release Release, JsonObject Model) after)
    {
        foreach (var section in SharedSections)
        {
            foreach (var name in Different(Changes(before.Model[section], after.Model[section])).Order(StringComparer.Ordinal))
            {
                yield return $"{section[..^1]} {name}";
            }
        }

        if (!before.Release.ComposeFiles.SequenceEqual(after.Release.ComposeFiles))
        {
            yield return "compose files";
        }

        if (!before.Release.Profiles.Order().SequenceEqual(after.Release.Profiles.Order()))
        {
            yield return "profiles";
        }
    }

    private static NamedChanges Changes(JsonNode? before, JsonNode? after)
    {
        var old = before as JsonObject ?? [];
        var fresh = after as JsonObject ?? [];
        return new NamedChanges(
            [.. fresh.Select(entry => entry.Key).Where(key => !old.ContainsKey(key)).Order(StringComparer.Ordinal)],
            [.. old.Select(entry => entry.Key).Where(key => !fresh.ContainsKey(key)).Order(StringComparer.Ordinal)],
            [.. old.Select(entry => entry.Key).Where(key => fresh.ContainsKey(key) && ModelHash.Of(old[key]) != ModelHash.Of(fresh[key])).Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<string> Different(NamedChanges changes) => changes.Added.Concat(changes.Removed).Concat(changes.Changed);

    private static JsonObject DefinitionOf(JsonObject model, string service) => model["services"]?[service] as JsonObject ?? [];

    private static ImageOfRelease? ImageOf(ReleaseService? service) => service is null ? null : new ImageOfRelease(service.Image, service.Reference);
}
