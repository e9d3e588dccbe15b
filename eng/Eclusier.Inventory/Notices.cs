using System.Reflection;
using System.Text;

namespace Eclusier.Inventory;

/// <summary>The parts with their copyrights, and each text that their licences ask to be passed on, once.</summary>
internal static class Notices
{
    private static readonly string Line = new('-', 80);

    public static string Of(IReadOnlyList<Part> parts)
    {
        var text = new StringBuilder("Eclusier is made with the following software. What each licence asks to be passed on stands below, once for all that share it.\n");
        foreach (var part in parts)
        {
            text.Append('\n').Append(part.Name).Append(' ').Append(part.Version).Append(": ").Append(part.Licence).Append('\n');
            foreach (var line in new[] { part.Copyright, part.Home }.OfType<string>())
            {
                text.Append("    ").Append(line.ReplaceLineEndings(" ")).Append('\n');
            }

            foreach (var inclusion in part.Holds)
            {
                text.Append($"    with {inclusion.Name}{(inclusion.Version is null ? "" : $" {inclusion.Version}")}: {inclusion.Licence}\n");
            }
        }

        foreach (var licence in parts.GroupBy(part => part.Licence).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            Append(text, licence.Key, licence, TextOf(licence.Key));
        }

        foreach (var own in parts.SelectMany(part => part.Texts.Select(said => (part, said))).GroupBy(pair => pair.said))
        {
            Append(text, "From the package", own.Select(pair => pair.part), own.Key);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, IEnumerable<Part> parts, string said) =>
        text.Append('\n').Append(Line).Append('\n').Append(title).Append(": ").AppendJoin(", ", parts.Select(part => part.Name)).Append('\n').Append(Line).Append("\n\n").Append(said.TrimEnd()).Append('\n');

    private static string TextOf(string licence)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(licence)
            ?? throw new InvalidOperationException($"the text of the licence {licence} is not here: put it into eng/Eclusier.Inventory/Licences/{licence}.txt");
        return new StreamReader(stream).ReadToEnd();
    }
}
