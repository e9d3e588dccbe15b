using System.Text;

namespace Eclusier.Adapters.Configuration.Reading;

/// <summary>How keys and values of the file appear in messages: on one line, and not endless.</summary>
internal static class KeyPath
{
    private const int LongestShown = 60;

    public static string Join(string path, string key) => path.Length == 0 ? Show(key) : $"{path}.{Show(key)}";

    public static string Show(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, LongestShown));
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, LongestShown)))
        {
            shown.Append(char.IsControl(character) || char.IsSurrogate(character) ? '\uFFFD' : character);
        }

        return text.Length > LongestShown ? $"{shown}…" : shown.ToString();
    }
}
