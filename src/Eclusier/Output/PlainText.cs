using System.Text;
using System.Text.RegularExpressions;

namespace Eclusier.Output;

/// <summary>Takes out of foreign text (a commit's subject, a container's log) what would command the terminal.</summary>
internal static partial class PlainText
{
    /// <summary>One line of printable text.</summary>
    public static string OneLine(string text) => Printable(text.ReplaceLineEndings(" ")).Trim();

    /// <summary>The lines of a text, each printable.</summary>
    public static IEnumerable<string> Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(Printable);

    public static string Printable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            return text;
        }

        var printable = new StringBuilder(text.Length);
        foreach (var character in EscapeSequence().Replace(text, ""))
        {
            printable.Append(character == '\t' ? ' ' : char.IsControl(character) ? '\uFFFD' : character);
        }

        return printable.ToString();
    }

    // CSI (colours, cursor) and OSC (window title, links, clipboard) sequences
    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")]
    private static partial Regex EscapeSequence();
}
