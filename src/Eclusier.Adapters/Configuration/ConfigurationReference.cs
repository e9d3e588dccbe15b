using System.Text;
using Eclusier.Adapters.Configuration.Keys;

namespace Eclusier.Adapters.Configuration;

/// <summary>The reference of all configuration keys, for the manual.</summary>
public static class ConfigurationReference
{
    /// <summary>Markdown: a section per group of keys.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        AppendGroup(text, AgentKeys.Group, "");
        return text.ToString();
    }

    private static void AppendGroup(StringBuilder text, IGroup group, string path)
    {
        text.Append($"## {(path.Length == 0 ? "Keys at the top of the file" : $"Keys of `{path}`")}\n\n");
        text.Append("| key | type | when left out |\n| --- | --- | --- |\n");
        foreach (var key in group.Keys)
        {
            text.Append($"| [`{key.Name}`](#{Anchor(path, key)}) | {TypeOf(key)} | {Missing(key, group)} |\n");
        }

        foreach (var oneOf in group.Rules.OfType<KeyRule.OneOf>())
        {
            text.Append($"\n{(oneOf.IsRequired ? "Exactly one" : "At most one")} of {Code(oneOf.Keys, "or")} {(oneOf.IsRequired ? "must" : "can")} be given.\n");
        }

        foreach (var others in group.Rules.OfType<KeyRule.OnlyWith>().GroupBy(rule => Code(rule.Others, "or"), rule => rule.Key))
        {
            text.Append($"\n{Code([.. others], "and")} {(others.Count() == 1 ? "has" : "have")} a meaning only with {others.Key}.\n");
        }

        foreach (var rule in group.Rules.OfType<KeyRule.ByWord>())
        {
            text.Append($"\n| `{rule.Chooser.Name}` | needs | takes too |\n| --- | --- | --- |\n");
            foreach (var word in rule.Words)
            {
                text.Append($"| `{word.Word}` | {string.Join(", ", word.Required.Select(keys => Code(keys, "or")))} | {(word.Optional.Count == 0 ? "–" : string.Join(", ", word.Optional.Select(key => $"`{key.Name}`")))} |\n");
            }
        }

        foreach (var key in group.Keys)
        {
            text.Append($"\n### `{Join(path, key)}`\n\n{key.Description.ReplaceLineEndings("\n")}\n");
            if (key.Format.Inner is var (_, suffix)) { text.Append($"\nIts keys are [further down](#{Slug($"keys-of-{Join(path, key)}{suffix}")}).\n"); }
            if (key.Example is { } example) { text.Append($"\n```yaml\n{example}\n```\n"); }
        }

        foreach (var key in group.Keys)
        {
            if (key.Format.Inner is not var (inner, suffix)) { continue; }

            text.Append('\n');
            AppendGroup(text, inner, $"{Join(path, key)}{suffix}");
        }
    }

    private static string Code(IReadOnlyList<Key> keys, string conjunction) => KeyRule.Names(keys, conjunction).Replace('\'', '`');

    private static string TypeOf(Key key) => key.Format.Type;

    private static string Missing(Key key, IGroup group) =>
        key.IsRequired ? "*must be given*"
        : key.Otherwise is { } otherwise ? otherwise
        : key.Default is { } value ? value is "[]" or "{}" ? key.Format.Inner is (_, "") ? "the defaults of its keys" : "none" : $"`{value}`"
        : group.Rules.OfType<KeyRule.OneOf>().Any(rule => rule.Keys.Contains(key)) ? "–" : "none";

    private static string Join(string path, Key key) => path.Length == 0 ? key.Name : $"{path}.{key.Name}";

    private static string Anchor(string path, Key key) => Slug(Join(path, key));

    // As forges make them from headings: lower case, without punctuation.
    private static string Slug(string heading) =>
        new([.. heading.ToLowerInvariant().Where(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')]);
}
