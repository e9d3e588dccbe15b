using Eclusier.Core.Deployments;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Notifications;

/// <summary>Delivers to one recipient, one message at a time, in order, until it works or is given up.</summary>
/// <remarks>It runs beside the deployments and shares nothing with them but the database: whatever a recipient does, they go on.</remarks>
public sealed partial class DeliveryLane(string recipient, INotifier notifier, IOutbox outbox, SemaphoreSlim slots, TimeProvider timeProvider, ILogger<DeliveryLane> logger)
{
    /// <summary>What could not be delivered for so long is given up: the message would be of yesterday.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    /// <summary>A recipient that does not answer in time is tried again.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Between two messages: what services allow (Slack and Telegram one a second).</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(15);

    /// <summary>Trouble with the database, say a full disk.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private volatile TaskCompletionSource news = NewBell();

    public string Recipient => recipient;

    /// <summary>Something was queued.</summary>
    public void Ring() => news.TrySetResult();

    /// <summary>Delivers until it is to leave: then a message on its way still is brought to its end, until stopped.</summary>
    public async Task RunAsync(CancellationToken leaving, CancellationToken stopping)
    {
        while (true)
        {
            if (news.Task.IsCompleted)
            {
                news = NewBell();
            }

            var bell = news; // what rings from here on makes the outbox be looked at again
            TimeSpan? wait;
            try
            {
                wait = await DeliverNextAsync(stopping);
            }
            catch (FailureException exception)
            {
                Log.Troubled(logger, recipient, exception.Message);
                wait = Rest;
            }

            if (wait is { } time)
            {
                await Task.Delay(time, timeProvider, leaving); // order is kept: what is newer waits too
            }
            else
            {
                await bell.Task.WaitAsync(leaving);
            }
        }
    }

    /// <summary>Delivers what is due now, and leaves the rest.</summary>
    public async Task DrainAsync(CancellationToken stopping)
    {
        while (await DeliverNextAsync(stopping) is { } wait && wait <= Pace)
        {
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, timeProvider, stopping);
            }
        }
    }

    /// <returns>How long to wait for the next look; <c>null</c>: until the bell rings.</returns>
    private async Task<TimeSpan?> DeliverNextAsync(CancellationToken stopping)
    {
        if (outbox.FindNext(recipient) is not { } next)
        {
            return null;
        }

        var now = timeProvider.GetUtcNow();
        if (next.DueAt > now)
        {
            return next.DueAt - now;
        }

        try
        {
            await TellAsync(next.Event, stopping);
            outbox.RecordDelivered(next, timeProvider.GetUtcNow());
            Log.Delivered(logger, recipient, next.Event.Title);
            return Pace;
        }
        catch (FailureException exception)
        {
            return Refused(next, exception.Failure);
        }
    }

    private async Task TellAsync(Event told, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Deadline, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        await slots.WaitAsync(stopping);
        try
        {
            await notifier.TellAsync(told, either.Token);
        }
        catch (OperationCanceledException exception) when (!stopping.IsCancellationRequested)
        {
            throw FailureException.Transient($"no answer within {Deadline.TotalSeconds:0} s", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not FailureException) // a mistake in one notifier must not stop the others
        {
            throw FailureException.Transient($"unexpected: {exception.GetType().Name}", exception);
        }
        finally
        {
            slots.Release();
        }
    }

    private TimeSpan Refused(Delivery delivery, Failure failure)
    {
        var now = timeProvider.GetUtcNow();
        var isTooOld = now - delivery.Event.At >= Patience;
        if (failure.Kind is FailureKind.Rejected || isTooOld)
        {
            outbox.GiveUp(delivery, failure.Message, now);
            Log.GivenUp(logger, recipient, delivery.Event.Title, failure.Message);
            return TimeSpan.Zero;
        }

        var backoff = FirstBackoff * Math.Pow(2, Math.Min(delivery.Attempts, 10));
        var wait = (backoff < LongestBackoff ? backoff : LongestBackoff) * (0.8 + (Random.Shared.NextDouble() * 0.4));
        if (failure.RetryAfter is { } after && after > wait)
        {
            wait = after < Patience ? after : Patience;
        }

        outbox.RecordTry(delivery, failure.Message, now + wait);
        Log.TriedAgain(logger, delivery.Attempts == 0 ? LogLevel.Warning : LogLevel.Debug, recipient, delivery.Event.Title, failure.Message);
        return wait;
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Told {Recipient}: {Title}")]
        public static partial void Delivered(ILogger logger, string recipient, string title);

        [LoggerMessage("Could not tell {Recipient} \"{Title}\" yet: {Reason}")]
        public static partial void TriedAgain(ILogger logger, LogLevel level, string recipient, string title, string reason);

        [LoggerMessage(LogLevel.Error, "{Recipient} was not told \"{Title}\": {Reason}")]
        public static partial void GivenUp(ILogger logger, string recipient, string title, string reason);

        [LoggerMessage(LogLevel.Warning, "Nothing can be delivered to {Recipient} now: {Reason}")]
        public static partial void Troubled(ILogger logger, string recipient, string reason);
    }
}
