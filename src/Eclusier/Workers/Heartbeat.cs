using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Workers;

/// <summary>Calls a dead man's switch while the work on every stack goes on, so that somebody hears of a host or an agent that is dead.</summary>
internal sealed partial class Heartbeat(HeartbeatSettings settings, Composition composition, TimeProvider timeProvider, ILogger<Heartbeat> logger) : BackgroundService
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly HeartbeatPing ping = new(settings, composition.Sender);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasTroubled = false;
        while (true)
        {
            var stuck = composition.Workers.All.Select(worker => worker.WhyStuck()).FirstOrDefault(why => why is not null);
            if (stuck is not null)
            {
                Log.Stuck(logger, stuck);
            }

            var trouble = await PingAsync(stuck, stoppingToken);
            if (trouble is not null && !wasTroubled)
            {
                Log.NotHeard(logger, trouble);
            }

            wasTroubled = trouble is not null;
            await Task.Delay(settings.Interval, timeProvider, stoppingToken);
        }
    }

    private async Task<string?> PingAsync(string? stuck, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            await ping.SendAsync(stuck, either.Token);
            return null;
        }
        catch (FailureException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return $"no answer within {Deadline.TotalSeconds:0} s";
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
