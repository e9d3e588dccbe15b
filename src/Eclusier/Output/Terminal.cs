namespace Eclusier.Output;

/// <summary>Where a command writes: data to <see cref="Output"/>, talk to <see cref="Error"/>.</summary>
public sealed class Terminal(TextWriter output, TextWriter error)
{
    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Colours are welcome where it is a terminal.</summary>
    public bool AllowsColour { get; init; }

    /// <summary>In characters; counts only on a terminal.</summary>
    public int Width { get; init; } = 80;

    /// <summary>The process's own: colour unless <c>NO_COLOR</c> is set or the terminal is a dumb one.</summary>
    public static Terminal OfProcess(Func<string, string?> environment) => new(Console.Out, Console.Error)
    {
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        AllowsColour = string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") is not (null or "" or "dumb"),
        Width = Console.IsOutputRedirected ? 80 : Math.Max(Console.WindowWidth, 40),
    };

    public void Show(Page page)
    {
        if (OutputIsTerminal)
        {
            TerminalPage.Write(page, Output, Width, AllowsColour);
        }
        else
        {
            PlainPage.Write(page, Output);
        }
    }

    /// <summary>Says a line on the side of the data.</summary>
    public void Say(string text, Tone tone = Tone.Plain) => Error.WriteLine(ErrorIsTerminal && AllowsColour ? Ansi.Paint(text, tone) : text);
}
