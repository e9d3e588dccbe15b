using Microsoft.Extensions.Logging;

namespace Eclusier.Output;

public static class JournalLogging
{
    /// <summary>Makes the journal and the feed the only places that messages go to; the framework speaks up only to warn.</summary>
    public static ILoggingBuilder AddJournal(this ILoggingBuilder logging, TextWriter writer, JournalOptions options, ProgressFeed feed, TimeProvider timeProvider) => logging
        .ClearProviders()
        .SetMinimumLevel(options.ShowsDetail ? LogLevel.Debug : LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("System", LogLevel.Warning)
        .AddProvider(new JournalLogger(writer, options, timeProvider))
        .AddProvider(feed);
}
