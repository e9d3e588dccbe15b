using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Compose;

/// <summary>A warning that Compose printed.</summary>
/// <param name="UnsetVariable">The variable it is about, when it says that one is not set.</param>
internal sealed record ComposeWarning(string Text, string? UnsetVariable);

/// <summary>Reads Compose's warnings (logrus text lines on standard error).</summary>
internal static partial class ComposeWarnings
{
    public static IReadOnlyList<ComposeWarning> Of(string standardError) =>
        [.. Warning().Matches(standardError).Select(match =>
        {
            var text = match.Groups["text"].Value.Replace("\\\"", "\"", StringComparison.Ordinal);
            var unset = Unset().Match(text);
            return new ComposeWarning(text, unset.Success ? unset.Groups["name"].Value : null);
        }).DistinctBy(warning => warning.Text)];

    /// <summary>Where a variable stands in the files (<c> (deploy/compose.yaml:12)</c>), or nothing when it is not found in them.</summary>
    public static string PlaceOf(string variable, IReadOnlyList<string> files, PathMove moved)
    {
        var use = new Regex($@"(?<!\$)\$\{{?{Regex.Escape(variable)}\b");
        foreach (var file in files)
        {
            var line = File.ReadLines(file).Index().FirstOrDefault(line => use.IsMatch(line.Item));
            if (line.Item is not null)
            {
                return $" ({moved.ToRepository(file)}:{line.Index + 1})";
            }
        }

        return "";
    }

    [GeneratedRegex("""level=warning msg="(?<text>(?:[^"\\]|\\.)*)"$""", RegexOptions.Multiline)]
    private static partial Regex Warning();

    [GeneratedRegex("""^The "(?<name>[^"]+)" variable is not set""")]
    private static partial Regex Unset();
}
