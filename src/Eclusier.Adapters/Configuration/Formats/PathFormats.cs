using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Reading;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>An absolute path of this host, that need not exist.</summary>
internal sealed class AbsolutePathFormat : ScalarFormat<string>
{
    public override string Noun => "an absolute path";

    public override string Type => "absolute path";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = "^/" };

    protected override Reading<string> Parse(string text, string written, Field field)
    {
        if (!text.StartsWith('/') || text.Any(char.IsControl))
        {
            return Reading<string>.Wrong($"expected {Noun}", text.StartsWith('~') ? "; '~' is not expanded" : "");
        }

        var path = Path.GetFullPath(text);
        return new Reading<string>(path.Length > 1 ? path.TrimEnd('/') : path);
    }
}

/// <summary>A path inside the repository, relative and without <c>..</c>.</summary>
internal sealed class RepositoryFolderFormat : ScalarFormat<string>
{
    public override string Noun => "a folder inside the repository, relative to its root and without '..'";

    public override string Type => "folder in the repository";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = "^[^/]" };

    protected override Reading<string> Parse(string text, string written, Field field) =>
        text.Length == 0 || text.StartsWith('/') || text.Any(char.IsControl) || RepositoryPath.Parts(text).Contains("..")
            ? Reading<string>.Wrong($"expected {Noun}")
            : new Reading<string>(RepositoryPath.Parts(text) is { Length: > 0 } parts ? string.Join('/', parts) : ".");
}

/// <summary>Paths as a repository has them.</summary>
internal static class RepositoryPath
{
    public static string[] Parts(string path) => [.. path.Split('/').Where(part => part is not "" and not ".")];

    /// <summary>From a folder of the repository, the path climbs above the repository's root.</summary>
    public static bool Leaves(string folder, string path)
    {
        var depth = 0;
        foreach (var part in Parts($"{folder}/{path}"))
        {
            depth += part == ".." ? -1 : 1;
            if (depth < 0) { return true; }
        }

        return false;
    }
}
