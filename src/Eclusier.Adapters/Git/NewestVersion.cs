using System.IO.Enumeration;
using Semver;

namespace Eclusier.Adapters.Git;

/// <summary>Chooses among tags: the newest semantic version.</summary>
internal static class NewestVersion
{
    /// <summary>
    /// The tag with the highest precedence among those that match the pattern (<c>*</c> any text, <c>?</c> one character);
    /// pre-releases count only where no release matches. Names that hold no semantic version are passed over.
    /// </summary>
    /// <returns><c>null</c> when none is left.</returns>
    public static string? Among(IEnumerable<string> tags, string pattern)
    {
        var prefix = pattern[..(pattern.IndexOfAny(['*', '?']) is >= 0 and var end ? end : 0)];
        return tags
            .Where(tag => FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\"), tag, ignoreCase: false))
            .Select(tag => (Tag: tag, Version: VersionOf(tag, prefix)))
            .Where(candidate => candidate.Version is not null)
            .OrderBy(candidate => !candidate.Version!.IsPrerelease)
            .ThenBy(candidate => candidate.Version, SemVersion.PrecedenceComparer!)
            .ThenBy(candidate => candidate.Tag, StringComparer.Ordinal)
            .LastOrDefault().Tag;
    }

    /// <summary>The version in <c>v1.2.3</c>, and with the pattern <c>api-*</c> the one in <c>api-1.2.3</c>.</summary>
    private static SemVersion? VersionOf(string tag, string prefix) =>
        SemVersion.TryParse(tag, SemVersionStyles.AllowV, out var version)
        || (tag.Length > prefix.Length && SemVersion.TryParse(tag[prefix.Length..], SemVersionStyles.AllowV, out version))
            ? version
            : null;
}
