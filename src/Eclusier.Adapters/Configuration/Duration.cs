using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Configuration;

/// <summary>A length of time as people write it.</summary>
public static partial class Duration
{
    /// <returns><c>null</c>: it is none.</returns>
    public static TimeSpan? TryParse(string text)
    {
        var match = Rule().Match(text);
        if (!match.Success || text.EndsWith('\n')) { return null; } // .NET's $ forgives a line break at the end

        long Part(int group) => match.Groups[group].Success ? long.Parse(match.Groups[group].ValueSpan) : 0;
        return TimeSpan.FromMilliseconds((((((Part(1) * 24) + Part(2)) * 60 + Part(3)) * 60) + Part(4)) * 1000 + Part(5));
    }

    [GeneratedRegex("^(?=[0-9])(?:([0-9]{1,7})d)?(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,7})s)?(?:([0-9]{1,9})ms)?$")]
    internal static partial Regex Rule();
}
