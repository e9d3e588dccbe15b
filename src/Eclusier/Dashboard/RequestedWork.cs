using System.Collections.Concurrent;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Dashboard.Views;
using Eclusier.Operations;

namespace Eclusier.Dashboard;

/// <summary>What somebody asked for at the dashboard, and what came of it.</summary>
internal sealed record RequestedAction(string Who, StackAction Action, DateTimeOffset At)
{
    /// <summary>A word, once it is over; <c>null</c>: under way.</summary>
    public string? Outcome { get; init; }

    public string Message { get; init; } = "";

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Does what is asked for at the dashboard behind the answer: a browser does not wait for a deployment. The last request of each stack is remembered.</summary>
internal sealed partial class RequestedWork(IHostApplicationLifetime lifetime, TimeProvider timeProvider, ILogger<RequestedWork> logger)
{
    /// <summary>So long a request may take until it is answered with "under way": what is refused at once is said at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Shown = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, RequestedAction> last = new(StringComparer.Ordinal);

    /// <returns><c>null</c>: none, or it is long over.</returns>
    public RequestedAction? Find(string stack) =>
        last.TryGetValue(stack, out var request) && (request.EndedAt is not { } ended || timeProvider.GetUtcNow() - ended < Shown) ? request : null;

    /// <summary>Begins the work, and waits a moment for its end.</summary>
    public async Task BeginAsync(StackName stack, StackAction action, Caller caller, Func<CancellationToken, Task<OutcomeReport>> work)
    {
        var request = new RequestedAction(caller.Name, action, timeProvider.GetUtcNow());
        last[stack.Value] = request;
        var working = Task.Run(() => RunAsync(stack, request, work));
        await Task.WhenAny(working, Task.Delay(Patience, timeProvider, CancellationToken.None));
    }

    private async Task RunAsync(StackName stack, RequestedAction request, Func<CancellationToken, Task<OutcomeReport>> work)
    {
        var (outcome, message) = await TryAsync(stack, request, work);
        last.TryUpdate(stack.Value, request with { Outcome = outcome, Message = message, EndedAt = timeProvider.GetUtcNow() }, request); // unless there is a newer one
    }

    private async Task<(string Outcome, string Message)> TryAsync(StackName stack, RequestedAction request, Func<CancellationToken, Task<OutcomeReport>> work)
    {
        try
        {
            var report = await work(lifetime.ApplicationStopping);
            return (report.Outcome, report.Message);
        }
        catch (RequestException exception)
        {
            return ("refused", exception.Message);
        }
        catch (FailureException exception)
        {
            return ("unavailable", exception.Message);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return ("interrupted", "the daemon is stopping; what was begun is finished or undone when it starts again");
        }
        catch (Exception exception) // nobody else is there to catch it: the person and the journal are told
        {
            Log.Failed(logger, exception, request.Action.Word, stack);
            return ("failed", $"{exception.Message} (the daemon's journal has more)");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Action} of {Stack}, asked for at the dashboard, failed")]
        public static partial void Failed(ILogger logger, Exception exception, string action, StackName stack);
    }
}
