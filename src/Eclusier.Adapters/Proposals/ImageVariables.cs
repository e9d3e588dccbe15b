using System.Text.RegularExpressions;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Proposals;

/// <summary>Finds variables in image names that stand for the commit: <c>api:${IMAGE_TAG}</c> that runs as <c>api:main-1eabc9a</c>.</summary>
internal static partial class ImageVariables
{
    /// <param name="images">Each image as the Compose file writes it, and as it runs or is rendered.</param>
    /// <returns>Variables with values that hold <c>{commit7}</c> or <c>{commit}</c> in place of the commit.</returns>
    public static IReadOnlyDictionary<string, string> Find(IEnumerable<(string Written, string Actual)> images, CommitId commit)
    {
        var found = new Dictionary<string, string>();
        foreach (var (written, actual) in images)
        {
            if (Single().Match(written) is { Success: true } match && ValueOf(match, actual) is { } value && Template(value, commit) is { } template)
            {
                found[match.Groups["name"].Value] = template;
            }
        }

        return found;
    }

    private static string? ValueOf(Match written, string actual)
    {
        var (before, after) = (written.Groups["before"].Value, written.Groups["after"].Value);
        return actual.Length > before.Length + after.Length && actual.StartsWith(before, StringComparison.Ordinal) && actual.EndsWith(after, StringComparison.Ordinal)
            ? actual[before.Length..^after.Length]
            : null;
    }

    private static string? Template(string value, CommitId commit) =>
        value.Contains(commit.Value, StringComparison.Ordinal) ? value.Replace(commit.Value, "{commit}", StringComparison.Ordinal)
        : value.Contains(commit.Value[..7], StringComparison.Ordinal) && !LongerHash(commit).IsMatch(value) ? value.Replace(commit.Value[..7], "{commit7}", StringComparison.Ordinal)
        : null;

    /// <summary>Eight digits or more of it have no placeholder.</summary>
    private static Regex LongerHash(CommitId commit) => new($"{commit.Value[..7]}[0-9a-f]");

    [GeneratedRegex(@"^(?<before>[^$]*)\$(?:\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::?[-?+][^}]*)?\}|(?<name>[A-Za-z_][A-Za-z0-9_]*))(?<after>[^$]*)\z")]
    private static partial Regex Single();
}
