using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Notifications;

/// <summary>All recipients: each is delivered to beside the others, a few at a time.</summary>
public sealed class DeliveryRound : IDisposable
{
    /// <summary>How long events are remembered once they were told.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    private const int AtOnce = 4;
    private static readonly TimeSpan CleaningPace = TimeSpan.FromHours(6);

    private readonly SemaphoreSlim slots = new(AtOnce);
    private readonly IReadOnlyDictionary<string, INotifier> notifiers;
    private readonly IReadOnlyList<DeliveryLane> lanes;
    private readonly IOutbox outbox;
    private readonly TimeProvider timeProvider;

    /// <param name="notifiers">By recipient.</param>
    public DeliveryRound(IReadOnlyDictionary<string, INotifier> notifiers, IOutbox outbox, TimeProvider timeProvider, ILogger<DeliveryLane> logger)
    {
        this.notifiers = notifiers;
        this.outbox = outbox;
        this.timeProvider = timeProvider;
        lanes = [.. notifiers.Select(entry => new DeliveryLane(entry.Key, entry.Value, outbox, slots, timeProvider, logger))];
    }

    /// <summary>Something was queued.</summary>
    public void Ring()
    {
        foreach (var lane in lanes)
        {
            lane.Ring();
        }
    }

    /// <summary>Delivers until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll([CleanAsync(stopping), .. lanes.Select(lane => lane.RunAsync(stopping))]);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // what was not delivered waits in the outbox
        }
    }

    /// <summary>Delivers what is due, for a command that is about to end; the daemon or the next command delivers the rest.</summary>
    public async Task DrainAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within, timeProvider);
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.DrainAsync(deadline.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or Deployments.FailureException)
        {
            // the rest waits in the outbox
        }
    }

    /// <summary>Tells one recipient directly, without the outbox.</summary>
    /// <returns>What went wrong, or <c>null</c>.</returns>
    public async Task<string?> TryAsync(string recipient, Event told, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(DeliveryLane.Deadline, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await notifiers[recipient].TellAsync(told, either.Token);
            return null;
        }
        catch (Deployments.FailureException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {DeliveryLane.Deadline.TotalSeconds:0} s";
        }
    }

    public void Dispose() => slots.Dispose();

    private async Task CleanAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                var now = timeProvider.GetUtcNow();
                outbox.GiveUpOthers([.. notifiers.Keys], now);
                outbox.Clean(now - Memory);
            }
            catch (Deployments.FailureException)
            {
                // the database is in trouble, which everything else says; next time
            }

            await Task.Delay(CleaningPace, timeProvider, stopping);
        }
    }
}
