using System.Text;

namespace Eclusier.Core.Deployments;

/// <summary>The one spelling of an enum's values outside the program: <c>RolledBack</c> is <c>rolled-back</c> in the database, in JSON and in reports.</summary>
public static class Words
{
    public static string ToWord<TEnum>(this TEnum value)
        where TEnum : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"not a {typeof(TEnum).Name}");
        }

        var word = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsUpper(letter) && word.Length > 0)
            {
                word.Append('-');
            }

            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }

    /// <exception cref="FormatException">No value of the enum is spelled so.</exception>
    public static TEnum Parse<TEnum>(string word)
        where TEnum : struct, Enum =>
        TryParse<TEnum>(word, out var value)
            ? value
            : throw new FormatException($"'{word}' is not one of: {string.Join(", ", Enum.GetValues<TEnum>().Select(ToWord))}");

    public static bool TryParse<TEnum>(string word, out TEnum value)
        where TEnum : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<TEnum>())
        {
            if (candidate.ToWord() == word)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
