using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>The rules of the names that a configuration uses.</summary>
internal static partial class Names
{
    public static TextFormat ServiceFormat() => new("the name of a service", Service());

    public static TextFormat ProfileFormat() => new("the name of a profile", Profile());

    public static TextFormat BranchFormat() => new("the name of a branch", Branch()) { Check = RefComplaint };

    public static TextFormat TagFormat() => new("a tag or a pattern such as v*", Tag()) { Check = RefComplaint };

    public static TextFormat CommitFormat() => new("a full commit hash (40 lower-case hexadecimal digits)", Commit());

    /// <remarks>Compose's rule for projects; a stack's name is its default project name.</remarks>
    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,62}$")]
    public static partial Regex Project();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]
    public static partial Regex Notifier();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    public static partial Regex Variable();

    [GeneratedRegex("^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$")]
    public static partial Regex Label();

    [GeneratedRegex("^[A-Za-z0-9._-]+$")]
    private static partial Regex Service();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    private static partial Regex Profile();

    [GeneratedRegex(@"^[^\s~^:?*\[\\./-][^\s~^:?*\[\\]*$")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^[^\s~^:\[\\./-][^\s~^:\[\\]*$")]
    private static partial Regex Tag();

    [GeneratedRegex("^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
    private static partial Regex Commit();

    // The rest of git's rules (git check-ref-format).
    private static string? RefComplaint(string name) =>
        name.Contains("..", StringComparison.Ordinal) || name.Contains("//", StringComparison.Ordinal) || name.Contains("@{", StringComparison.Ordinal)
        || name.Contains("/.", StringComparison.Ordinal) || name.EndsWith('/') || name.EndsWith('.') || name.EndsWith(".lock", StringComparison.Ordinal)
            ? "expected a name that git allows"
            : null;
}
