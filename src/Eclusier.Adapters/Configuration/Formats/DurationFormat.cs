using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Reading;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>A length of time: <c>90s</c>, <c>3m</c>, <c>1h30m</c>, <c>500ms</c>, <c>1d</c>.</summary>
internal sealed class DurationFormat(string least, string most) : ScalarFormat<TimeSpan>
{
    public override string Noun => "a duration such as 90s, 3m or 1h30m";

    public override string Type => $"duration, {least} to {most}";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "string", ["pattern"] = Duration.Rule().ToString() };

    protected override Reading<TimeSpan> Parse(string text, string written, Field field)
    {
        if (Duration.TryParse(text) is not { } duration)
        {
            return Reading<TimeSpan>.Wrong($"expected {Noun}", text.All(char.IsAsciiDigit) ? "; add a unit: ms, s, m, h or d" : "");
        }

        return new Reading<TimeSpan>(duration, duration < Duration.TryParse(least) || duration > Duration.TryParse(most) ? $"expected a duration of {least} to {most}" : null);
    }
}
