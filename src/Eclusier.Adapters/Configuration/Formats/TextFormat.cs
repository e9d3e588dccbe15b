using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>A text, by default on one line and not empty.</summary>
/// <param name="noun">Completes "expected …".</param>
internal class TextFormat(string noun, Regex? rule = null) : ScalarFormat<string>
{
    public override string Noun => noun;

    public override string Type => "text";

    public bool MayBeEmpty { get; init; }

    public bool MayHaveLines { get; init; }

    public bool IsSensitive { get; init; }

    /// <summary>What a pattern cannot say: a complaint, or <c>null</c>.</summary>
    public Func<string, string?> Check { get; init; } = _ => null;

    protected override bool MayBeShown => !IsSensitive;

    protected override JsonObject ToOwnSchema()
    {
        var schema = new JsonObject { ["type"] = MayBeEmpty ? new JsonArray("string", "number", "boolean") : "string" };
        if (rule is not null) { schema["pattern"] = rule.ToString(); }
        else if (!MayBeEmpty) { schema["minLength"] = 1; }

        return schema;
    }

    protected override Reading<string> Parse(string text, string written, Field field)
    {
        if (text.Length == 0 && !MayBeEmpty) { return Reading<string>.Wrong($"expected {noun}"); }
        if (text.Any(character => IsForbidden(character))) { return Reading<string>.Wrong($"expected {noun}, without line breaks and control characters"); }
        if (rule?.IsMatch(text) is false) { return Reading<string>.Wrong($"expected {noun}"); }

        return new Reading<string>(text, Check(text));
    }

    private bool IsForbidden(char character) => char.IsControl(character) && !(MayHaveLines && character is '\n' or '\r' or '\t');
}

/// <summary>A secret written in the file, usually through <c>${NAME}</c>; no message quotes it.</summary>
internal sealed class SecretFormat(string noun, Func<string, string?>? check = null) : ScalarFormat<Secret>
{
    public override string Noun => noun;

    public override string Type => "secret text";

    protected override bool MayBeShown => false;

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["minLength"] = 1 };

    protected override Reading<Secret> Parse(string text, string written, Field field)
    {
        var secret = text.Trim(); // a block text ends with a line break
        if (secret.Length == 0) { return Reading<Secret>.Wrong($"expected {noun}, found an empty text"); }
        if (secret.Any(char.IsControl)) { return Reading<Secret>.Wrong($"expected {noun}, on one line"); }

        return new Reading<Secret>(new Secret(secret), check?.Invoke(secret));
    }
}

/// <summary>A file on this host that must be readable now; relative to the configuration file. Read as absolute path.</summary>
internal sealed class HostFileFormat(string noun) : ScalarFormat<string>
{
    public override string Noun => noun;

    public override string Type => "file";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["minLength"] = 1 };

    protected override Reading<string> Parse(string text, string written, Field field)
    {
        if (text.Length == 0 || text.Any(char.IsControl)) { return Reading<string>.Wrong($"expected {noun}"); }

        var path = Path.GetFullPath(text, field.Surroundings.Folder);
        return new Reading<string>(path, field.Surroundings.FileCheck(path) is { } complaint ? $"expected {noun}, but {complaint}" : null);
    }
}

/// <summary>A text with Eclusier's own placeholders, as a value of <c>environment</c>.</summary>
internal sealed partial class EnvironmentValueFormat(string noun = "a text; for an empty value write \"\"") : TextFormat(noun)
{
    private static readonly string[] Placeholders = ["branch", "commit", "commit7"];

    protected override Reading<string> Parse(string text, string written, Field field)
    {
        // Looked for in what the file says: braces in a variable's value are that value's own.
        foreach (Match match in Placeholder().Matches(written))
        {
            var name = match.Groups[1].Value;
            if (Placeholders.Contains(name)) { continue; }

            var nearest = NearestWord.Find(name, Placeholders); // the text may be a secret: only a slip of the hand is quoted
            return Reading<string>.Wrong(nearest is null
                ? "unknown placeholder in braces; there are {branch}, {commit} and {commit7}"
                : $"unknown placeholder {{{KeyPath.Show(name)}}}; did you mean {{{nearest}}}?");
        }

        return base.Parse(text, written, field);
    }

    [GeneratedRegex(@"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Placeholder();
}
