using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Reading;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>A length of time: <c>90s</c>, <c>3m</c>, <c>1h30m</c>, <c>500ms</c>, <c>1d</c>.</summary>
internal sealed partial class DurationFormat(string least, string most) : ScalarFormat<TimeSpan>
{
    public override string Noun => "a duration such as 90s, 3m or 1h30m";

    public override string Type => $"duration, {least} to {most}";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = Rule().ToString() };

    protected override Reading<TimeSpan> Parse(string text, string written, Field field)
    {
        if (TryParse(text) is not { } duration)
        {
            return Reading<TimeSpan>.Wrong($"expected {Noun}", text.All(char.IsAsciiDigit) ? "; add a unit: ms, s, m, h or d" : "");
        }

        return new Reading<TimeSpan>(duration, duration < TryParse(least) || duration > TryParse(most) ? $"expected a duration of {least} to {most}" : null);
    }

    private static TimeSpan? TryParse(string text)
    {
        var match = Rule().Match(text);
        if (!match.Success || text.EndsWith('\n')) { return null; } // .NET's $ forgives a line break at the end

        long Part(int group) => match.Groups[group].Success ? long.Parse(match.Groups[group].ValueSpan) : 0;
        return TimeSpan.FromMilliseconds((((((Part(1) * 24) + Part(2)) * 60 + Part(3)) * 60) + Part(4)) * 1000 + Part(5));
    }

    [GeneratedRegex("^(?=[0-9])(?:([0-9]{1,7})d)?(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,7})s)?(?:([0-9]{1,9})ms)?$")]
    private static partial Regex Rule();
}
