namespace Eclusier.Output;

/// <summary>Lays a page out in aligned lines, for pipes and files: nothing is wrapped or cut.</summary>
internal static class PlainPage
{
    private const string Indent = "  ";

    public static void Write(Page page, TextWriter writer)
    {
        foreach (var line in page.Parts.SelectMany(Lines))
        {
            writer.WriteLine(line.TrimEnd());
        }
    }

    private static IEnumerable<string> Lines(Part part) => part switch
    {
        Part.Gap => [""],
        Part.Heading heading => [heading.Text.Text],
        Part.Sentence sentence => [Indent + sentence.Text.Text],
        Part.Facts facts => Aligned([.. facts.Rows.Select(row => new[] { row.Label, row.Value.Text })]).Select(line => Indent + line),
        Part.Listing listing => Aligned([[.. listing.Headings], .. listing.Rows.Select(row => row.Select(cell => cell.Text).ToArray())]),
        Part.Quote quote => quote.Lines.Select(line => $"{Indent}{Indent}{line}"),
        _ => throw new InvalidOperationException($"a page has no part {part.GetType().Name}"),
    };

    private static IEnumerable<string> Aligned(string[][] rows)
    {
        var widths = Enumerable.Range(0, rows.Max(row => row.Length)).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return rows.Select(row => string.Join(Indent, row.Select((text, column) => text.PadRight(widths[column]))));
    }
}
