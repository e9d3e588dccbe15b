using System.Globalization;
using System.Text.RegularExpressions;

namespace Eclusier.Commands;

/// <summary>A release as people write it: <c>41</c>, <c>#41</c>, <c>shop/41</c> or <c>shop#41</c>.</summary>
internal sealed partial record ReleaseReference(string? Stack, int Number)
{
    public static bool TryParse(string text, out ReleaseReference reference)
    {
        var match = Written().Match(text);
        reference = new ReleaseReference(null, 0);
        if (!match.Success || !int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        reference = new ReleaseReference(match.Groups["stack"] is { Success: true } stack ? stack.Value : null, number);
        return true;
    }

    /// <exception cref="UsageException">It is none of these.</exception>
    public static ReleaseReference Parse(string text) => TryParse(text, out var reference)
        ? reference
        : throw new UsageException($"'{text}' is not a release: write 41, #41, shop/41 or shop#41");

    [GeneratedRegex("^(?:(?:(?<stack>[^/#]+)[/#])|#)?(?<number>[0-9]+)$")]
    private static partial Regex Written();
}
