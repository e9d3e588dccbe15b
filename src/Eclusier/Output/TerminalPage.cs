using Spectre.Console;
using Spectre.Console.Rendering;

namespace Eclusier.Output;

/// <summary>Lays a page out for a terminal: wrapped to its width, in colour.</summary>
/// <remarks>Only <see cref="Text"/> is used, never markup: a <c>[</c> in a commit's subject means nothing here.</remarks>
internal static class TerminalPage
{
    public static void Write(Page page, TextWriter writer, int width, bool inColour)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = inColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = inColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        foreach (var part in page.Parts)
        {
            console.Write(Rendered(part));
        }
    }

    public static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Quiet => new Style(Color.Grey),
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        _ => Style.Plain,
    };

    private static IRenderable Rendered(Part part) => part switch
    {
        Part.Gap => new Text("\n"),
        Part.Heading heading => new Rows(TextOf(heading.Text)),
        Part.Sentence sentence => new Padder(TextOf(sentence.Text), new Padding(2, 0, 0, 0)),
        Part.Facts facts => new Padder(Table(
            ["", ""],
            facts.Rows.Select(row => (IReadOnlyList<Cell>)[new Cell(row.Label, Tone.Quiet), row.Value]),
            showHeadings: false), new Padding(2, 0, 0, 0)),
        Part.Listing listing => Table(listing.Headings, listing.Rows, showHeadings: true),
        Part.Quote quote => new Padder(new Rows(quote.Lines.Select(line => new Text(line, StyleOf(Tone.Quiet)))), new Padding(4, 0, 0, 0)),
        _ => throw new InvalidOperationException($"a page has no part {part.GetType().Name}"),
    };

    private static Table Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<Cell>> rows, bool showHeadings)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = showHeadings };
        for (var column = 0; column < headings.Count; column++)
        {
            var isLast = column == headings.Count - 1;
            table.AddColumn(new TableColumn(new Text(headings[column], StyleOf(Tone.Quiet)))
            {
                Padding = new Padding(0, 0, isLast ? 0 : 2, 0),
                NoWrap = !showHeadings && !isLast, // labels stay whole
            });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(TextOf));
        }

        return table;
    }

    private static Text TextOf(Cell cell) => new(cell.Text, StyleOf(cell.Tone));
}
