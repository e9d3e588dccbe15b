using Eclusier.Adapters.Metrics;
using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Metrics;

namespace Eclusier.Metrics;

/// <summary>Sends the metrics to an OpenTelemetry receiver, at each interval and once more at the end.</summary>
internal sealed partial class TelemetryService(TelemetrySettings settings, MetricsReport report, MessageSender sender, TimeProvider timeProvider, ILogger<TelemetryService> logger) : BackgroundService
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly OtlpSender receiver = new(settings, sender);

    private readonly Dictionary<string, string> resource = new()
    {
        ["service.name"] = "eclusier",
        ["service.version"] = report.Version,
        ["service.instance.id"] = Environment.MachineName,
        ["host.name"] = Environment.MachineName,
    };

    private bool isTroubled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(settings.Interval, timeProvider, stoppingToken);
                await SendAsync(Deadline, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await SendAsync(TimeSpan.FromSeconds(2), CancellationToken.None); // what came since the last time
        }
    }

    private async Task SendAsync(TimeSpan within, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(within, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        string? trouble = null;
        try
        {
            var samples = await report.CollectAsync(either.Token);
            await receiver.SendAsync(OtlpJson.Write(samples, resource, report.StartedAt, timeProvider.GetUtcNow()), either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            trouble = $"no answer within {within.TotalSeconds:0} s";
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested) // metrics must not end the work
        {
            trouble = exception.Message;
        }

        if (trouble is not null && !isTroubled)
        {
            Log.NotSent(logger, trouble);
        }
        else if (trouble is null && isTroubled)
        {
            Log.SentAgain(logger);
        }

        isTroubled = trouble is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The metrics could not be sent (tried again at each interval, told once): {Reason}")]
        public static partial void NotSent(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Information, "The metrics are sent again")]
        public static partial void SentAgain(ILogger logger);
    }
}
