using System.Text;

namespace Eclusier.Adapters.Probes;

/// <summary>Makes one short line of what the other side said.</summary>
internal static class ProbeText
{
    private const int Longest = 200;

    public static string Shorten(string text)
    {
        var line = new StringBuilder();
        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character) && !char.IsControl(character))
            {
                line.Append(character);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }

            if (line.Length > Longest)
            {
                var end = char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest;
                return line.ToString(0, end) + "…";
            }
        }

        return line.ToString().TrimEnd();
    }
}
