namespace Eclusier.Output;

/// <summary>What stands before a journal line.</summary>
public enum JournalStyle
{
    /// <summary>For systemd's journal: the priority (<c>&lt;6&gt;</c>); the journal has its own time.</summary>
    Priorities,

    /// <summary>For a person at a terminal: the local time of day.</summary>
    Terminal,

    /// <summary>For a file or another collector of logs: date and time in ISO 8601.</summary>
    Timestamps,
}

public static class JournalStyles
{
    /// <summary>systemd sets <c>JOURNAL_STREAM</c>, which a shell may inherit: a terminal is never the journal. <c>ECLUSIER_JOURNAL=1</c> asks for priorities in a pipe.</summary>
    public static JournalStyle Detect(Func<string, string?> environment, bool isTerminal) =>
        isTerminal ? JournalStyle.Terminal
        : !string.IsNullOrEmpty(environment("JOURNAL_STREAM")) || environment("ECLUSIER_JOURNAL") == "1" ? JournalStyle.Priorities
        : JournalStyle.Timestamps;
}
