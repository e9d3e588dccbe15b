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
            return new ComposeWarning(text, UnsetVariableOf(text));
        }).DistinctBy(warning => warning.Text)];

    /// <returns>The variable that a warning says is not set; <c>null</c>: it is about something else.</returns>
    public static string? UnsetVariableOf(string text) => Unset().Match(text) is { Success: true } match ? match.Groups["name"].Value : null;

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
