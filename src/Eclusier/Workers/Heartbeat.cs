using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Workers;

/// <summary>Calls a dead man's switch while the work on every stack goes on, so that somebody hears of a host or an agent that is dead.</summary>
internal sealed partial class Heartbeat(Composition composition, TimeProvider timeProvider, ILogger<Heartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasTroubled = false;
        while (true)
        {
            var reloaded = composition.Settings.Changed;
            if (composition.Settings.Now.Heartbeat is not { } settings)
            {
                await reloaded.WaitAsync(stoppingToken);
                continue;
            }

            var stuck = composition.Workers.WhyStuck();
            if (stuck is not null)
            {
                Log.Stuck(logger, stuck);
            }

            var trouble = await PingAsync(new HeartbeatPing(settings, composition.Sender), stuck, stoppingToken);
            if (trouble is not null && !wasTroubled)
            {
                Log.NotHeard(logger, trouble);
            }

            wasTroubled = trouble is not null;
            await Task.WhenAny(reloaded, Task.Delay(settings.Interval, timeProvider, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<string?> PingAsync(HeartbeatPing ping, string? stuck, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            await ping.SendAsync(stuck, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return $"no answer within {Deadline.TotalSeconds:0} s";
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested) // it must not end the work that it tells of
        {
            return exception.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The heartbeat says that something is wrong: {Reason}")]
        public static partial void Stuck(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "The heartbeat was not heard: {Reason}")]
        public static partial void NotHeard(ILogger logger, string reason);
    }
}
