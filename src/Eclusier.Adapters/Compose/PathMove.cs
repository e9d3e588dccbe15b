using System.Text.Json.Nodes;

namespace Eclusier.Adapters.Compose;

/// <summary>Replaces paths of the tree that a model was rendered in by those of the tree it will run from.</summary>
/// <remarks>Compose's own hash of a service holds absolute paths: only one fixed tree keeps unchanged services running.</remarks>
internal sealed class PathMove(string from, string to)
{
    private readonly string from = from.TrimEnd('/');
    private readonly string to = to.TrimEnd('/');
    private readonly string beside = Path.GetDirectoryName(from.TrimEnd('/'))!.TrimEnd('/');

    public string ToWorkTree(string path)
    {
        if (path == from || path.StartsWith(from + "/", StringComparison.Ordinal))
        {
            return to + path[from.Length..];
        }

        // `../shared` in a Compose file of the repository's root leads out of the tree, but must lead out of the right one
        return path.StartsWith(beside + "/", StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(to, Path.GetRelativePath(from, path))) : path;
    }

    /// <returns>A copy of the model with moved paths.</returns>
    public JsonObject ToWorkTree(JsonObject model) => (JsonObject)Moved(model)!;

    /// <summary>For messages: paths relative to the repository's root.</summary>
    public string ToRepository(string text) => text.Replace(from + "/", "", StringComparison.Ordinal);

    private JsonNode? Moved(JsonNode? node) => node switch
    {
        JsonObject inner => new JsonObject(inner.Select(entry => KeyValuePair.Create(entry.Key, Moved(entry.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Moved)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(ToWorkTree(text)),
        _ => node?.DeepClone(),
    };
}
