namespace Eclusier.Output;

/// <summary>How a text is meant; only a terminal shows it.</summary>
public enum Tone
{
    Plain,
    Strong,
    Quiet,
    Good,
    Warning,
    Bad,
}

/// <summary>A piece of text on one line, safe to print.</summary>
public sealed record Cell
{
    public Cell(string text, Tone tone = Tone.Plain)
    {
        Text = PlainText.OneLine(text);
        Tone = tone;
    }

    public string Text { get; }

    public Tone Tone { get; }

    public static implicit operator Cell(string? text) => new(text ?? "");
}

/// <summary>A part of what a command shows.</summary>
public abstract record Part
{
    private Part() { }

    public sealed record Gap : Part;

    public sealed record Heading(Cell Text) : Part;

    public sealed record Sentence(Cell Text) : Part;

    /// <summary>Labels with their values.</summary>
    public sealed record Facts(IReadOnlyList<Fact> Rows) : Part;

    /// <summary>Rows under headings.</summary>
    public sealed record Listing(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<Cell>> Rows) : Part;

    /// <summary>Foreign text of several lines, quoted as it is.</summary>
    public sealed record Quote(IReadOnlyList<string> Lines) : Part;
}

/// <summary>A label and its value; an empty label goes on with the one above.</summary>
public sealed record Fact(string Label, Cell Value);

/// <summary>What a command shows a person: text only, so that it can be laid out for a terminal or for a pipe.</summary>
public sealed class Page
{
    private readonly List<Part> _parts = [];

    public IReadOnlyList<Part> Parts => _parts;

    public Page Gap() => _parts.Count == 0 ? this : Add(new Part.Gap());

    public Page Heading(Cell text) => Add(new Part.Heading(text));

    public Page Sentence(Cell text) => text.Text.Length == 0 ? this : Add(new Part.Sentence(text));

    public Page Facts(IReadOnlyList<Fact> rows) => rows.Count == 0 ? this : Add(new Part.Facts(rows));

    public Page Listing(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<Cell>> rows) => Add(new Part.Listing(headings, rows));

    public Page Quote(string text) => Add(new Part.Quote([.. PlainText.Lines(text)]));

    private Page Add(Part part)
    {
        _parts.Add(part);
        return this;
    }
}
