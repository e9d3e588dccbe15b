using Microsoft.Extensions.Logging;

namespace Eclusier.Output;

/// <summary>How the journal looks.</summary>
public sealed record JournalOptions(JournalStyle Style)
{
    /// <summary>Warnings and errors stand out on a terminal.</summary>
    public bool InColour { get; init; }

    /// <summary>Exceptions are written with their stack trace, at debug.</summary>
    public bool ShowsDetail { get; init; }
}

/// <summary>Writes log messages the way the journal shows them: one line each, the stack's name first.</summary>
public sealed class JournalLogger(TextWriter writer, JournalOptions options, TimeProvider timeProvider) : ILoggerProvider
{
    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this);

    public void Dispose() { }

    private void Write(LogLine line)
    {
        var at = timeProvider.GetUtcNow();
        lock (_lock)
        {
            WriteText(at, line.Level, line.Stack, line.Message);
            if (line.Exception is not { } exception)
            {
                return;
            }

            var summary = $"{exception.GetType().Name}: {exception.Message}";
            if (!line.Message.Contains(exception.Message, StringComparison.Ordinal))
            {
                WriteText(at, LogLevel.Warning, line.Stack, PlainText.OneLine(summary));
            }

            if (options.ShowsDetail)
            {
                WriteText(at, LogLevel.Debug, line.Stack, exception.ToString());
            }
        }
    }

    /// <summary>Later lines of a text are set in, each with the same beginning: a line of the journal is never without its stack.</summary>
    private void WriteText(DateTimeOffset at, LogLevel level, string? stack, string text)
    {
        var beginning = Beginning(at, level) + (stack is null ? "" : $"{stack}: ");
        var indent = "";
        foreach (var line in PlainText.Lines(text))
        {
            var whole = beginning + indent + line;
            writer.WriteLine(options.InColour ? Ansi.Paint(whole, ToneOf(level)) : whole);
            indent = "  ";
        }

        writer.Flush();
    }

    private string Beginning(DateTimeOffset at, LogLevel level) => options.Style switch
    {
        JournalStyle.Priorities => $"<{PriorityOf(level)}>",
        JournalStyle.Terminal => $"{TimeZoneInfo.ConvertTime(at, timeProvider.LocalTimeZone):HH:mm:ss} ",
        _ => $"{TimeZoneInfo.ConvertTime(at, timeProvider.LocalTimeZone):yyyy-MM-ddTHH:mm:sszzz} ",
    };

    /// <summary>syslog's numbers, which systemd reads.</summary>
    private static int PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    private static Tone ToneOf(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => Tone.Bad,
        LogLevel.Warning => Tone.Warning,
        LogLevel.Information => Tone.Plain,
        _ => Tone.Quiet,
    };

    private sealed class CategoryLogger(JournalLogger journal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None; // the factory filters

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            journal.Write(LogLine.Read(logLevel, state, exception, formatter));
    }
}
