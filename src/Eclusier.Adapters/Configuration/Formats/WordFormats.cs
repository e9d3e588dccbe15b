using System.Text.Json.Nodes;
using Eclusier.Adapters.Configuration.Reading;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>A whole number in a range.</summary>
internal sealed class WholeNumberFormat(int least, int most) : ScalarFormat<int>
{
    public override string Noun => $"a whole number from {least} to {most}";

    public override string Type => $"whole number, {least} to {most}";

    protected override JsonObject ToOwnSchema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    protected override Reading<int> Parse(string text, string written, Field field) =>
        text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit) && int.Parse(text) is var number && number >= least && number <= most
            ? new Reading<int>(number)
            : Reading<int>.Wrong($"expected {Noun}");
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceFormat<T>(params (string Word, T Value)[] choices) : ScalarFormat<T>
{
    private IEnumerable<string> Words => choices.Select(choice => choice.Word);

    public override string Noun => choices.Length == 2 ? $"'{choices[0].Word}' or '{choices[1].Word}'" : $"one of {string.Join(", ", Words)}";

    public override string Type => string.Join(" \\| ", Words.Select(word => $"`{word}`"));

    protected override JsonObject ToOwnSchema() => new() { ["enum"] = new JsonArray([.. Words.Select(word => JsonValue.Create(word))]) };

    protected override Reading<T> Parse(string text, string written, Field field)
    {
        foreach (var (word, value) in choices)
        {
            if (word == text) { return new Reading<T>(value); }
        }

        return Reading<T>.Wrong($"expected {Noun}", NearestWord.Hint(written, Words));
    }
}
