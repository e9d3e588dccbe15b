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
    private readonly IOutbox outbox;
    private readonly TimeProvider timeProvider;
    private readonly ILogger<DeliveryLane> logger;
    private readonly Lock gate = new();
    private volatile IReadOnlyDictionary<string, INotifier> notifiers;
    private volatile IReadOnlyList<DeliveryLane> lanes;
    private CancellationTokenSource? running;

    /// <param name="notifiers">By recipient.</param>
    public DeliveryRound(IReadOnlyDictionary<string, INotifier> notifiers, IOutbox outbox, TimeProvider timeProvider, ILogger<DeliveryLane> logger)
    {
        this.outbox = outbox;
        this.timeProvider = timeProvider;
        this.logger = logger;
        this.notifiers = notifiers;
        lanes = LanesTo(notifiers);
    }

    /// <summary>Others are told from now on. A message on its way is brought to its end first: it must not be told twice.</summary>
    public void Replace(IReadOnlyDictionary<string, INotifier> newNotifiers)
    {
        lock (gate)
        {
            (notifiers, lanes) = (newNotifiers, LanesTo(newNotifiers));
            _ = running?.CancelAsync();
        }
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
        while (!stopping.IsCancellationRequested)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            IReadOnlyList<DeliveryLane> round;
            lock (gate)
            {
                (running, round) = (leaving, lanes);
            }

            try
            {
                await Task.WhenAll([CleanAsync(leaving.Token), .. round.Select(lane => lane.RunAsync(leaving.Token, stopping))]);
            }
            catch (OperationCanceledException) when (leaving.IsCancellationRequested)
            {
                // what was not delivered waits in the outbox
            }
            finally
            {
                lock (gate)
                {
                    running = null;
                }
            }
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

    private List<DeliveryLane> LanesTo(IReadOnlyDictionary<string, INotifier> recipients) =>
        [.. recipients.Select(entry => new DeliveryLane(entry.Key, entry.Value, outbox, slots, timeProvider, logger))];

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
