using System.Text.RegularExpressions;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Compose;

/// <summary>Takes values of variables out of what Compose says about files that it cannot read or that do not fit: it quotes them.</summary>
internal static partial class EnvFileSecrets
{
    /// <param name="variables">The stack's own.</param>
    /// <param name="envFiles">Where others came from; one that is not there holds none.</param>
    public static string Hide(string text, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> envFiles)
    {
        var fromFiles = envFiles.Where(File.Exists).SelectMany(file => Line().Matches(File.ReadAllText(file)))
            .Select(line => KeyValuePair.Create(line.Groups["name"].Value, line.Groups["value"].Value.Trim().Trim('"', '\'')));
        return SecretMask.For(variables.Concat(fromFiles), null).Apply(Quoted().Replace(text, "$1(what it says there is not shown)"));
    }

    // `failed to read /srv/.env: line 3: unterminated quoted value "hunter2…`: from the quotation mark on it is the file's own text
    [GeneratedRegex("""(failed to read [^\n"]*?: (?:line \d+: )?[^\n"]*)"[^\n]*""")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\s*(?:export\s+)?(?<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*[=:](?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
