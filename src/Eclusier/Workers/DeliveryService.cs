using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Workers;

/// <summary>Delivers what is to be told, for as long as the daemon lives.</summary>
internal sealed partial class DeliveryService(Composition composition, string version, TimeProvider timeProvider, ILogger<DeliveryService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the others start meanwhile
        try
        {
            composition.Journal.Announce(composition.Announcer.OfAgent(EventKind.AgentStarted, "The agent has started", $"Eclusier {version}", timeProvider.GetUtcNow()));
        }
        catch (FailureException exception)
        {
            Log.NotAnnounced(logger, exception.Message);
        }

        await composition.Deliveries.RunAsync(stoppingToken);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The start could not be announced: {Reason}")]
        public static partial void NotAnnounced(ILogger logger, string reason);
    }
}
