using System.Globalization;

namespace Eclusier.Workers;

/// <summary>Tells systemd that the work goes on, for as long as it does on every stack: else systemd kills the daemon and starts it again, and the next one finishes what was under way.</summary>
internal sealed partial class Watchdog(TimeSpan limit, StackWorkers workers, ServiceNotice notice, TimeProvider timeProvider, ILogger<Watchdog> logger)
{
    /// <summary>What systemd sets where the unit has <c>WatchdogSec</c>.</summary>
    /// <returns><c>null</c>: nobody watches.</returns>
    public static TimeSpan? FindLimit(Func<string, string?> environment) =>
        long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
        && environment("WATCHDOG_PID") is var pid && (string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>How long a stack's work may be silent beyond what each of its waits may last.</summary>
    public static TimeSpan PatienceFor(TimeSpan? limit) => limit * 3 ?? TimeSpan.FromMinutes(10);

    /// <summary>Until the daemon has ended: also while it stops.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        string? said = null;
        while (!ended.IsCancellationRequested)
        {
            var stuck = workers.WhyStuck();
            if (stuck is null)
            {
                notice.Alive();
            }
            else if (stuck != said)
            {
                Log.Stuck(logger, stuck);
            }

            notice.SayStuck(stuck);
            said = stuck;
            await Task.Delay(limit / 3, timeProvider, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "The work does not go on, so systemd will restart the daemon: {Reason}")]
        public static partial void Stuck(ILogger logger, string reason);
    }
}
