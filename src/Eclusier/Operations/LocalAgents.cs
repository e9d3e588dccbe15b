using Eclusier.Adapters.Files;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Output;

namespace Eclusier.Operations;

/// <summary>Opens an agent in this process, for a command while no daemon runs.</summary>
internal sealed class LocalAgents(TimeProvider timeProvider)
{
    public Task<AgentConnection> OpenAsync(AgentSettings settings, string purpose, bool readOnly, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var locks = readOnly ? null : AgentLocks.Take(settings, purpose, timeProvider);
        var feed = new ProgressFeed(timeProvider);
        var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(feed));
        Composition composition;
        try
        {
            composition = new Composition(settings, logs, feed, timeProvider, daemonStartedAt: null, locks);
        }
        catch
        {
            logs.Dispose();
            locks?.Dispose();
            throw;
        }

        var done = new CancellationTokenSource();
        var working = readOnly ? Task.CompletedTask : composition.Workers.RunAsync(polls: false, done.Token);
        var caller = new Caller($"uid {FileOwner.CurrentUser}", Role.Admin, "local");
        return Task.FromResult(new AgentConnection(composition.AgentFor(caller, ""), [.. settings.Stacks.Select(stack => stack.Name)], isDaemon: false, async () =>
        {
            await done.CancelAsync();
            await working;
            if (!readOnly)
            {
                foreach (var worker in composition.Workers.All)
                {
                    composition.Reconciler.CloseUnfinished(worker.Stack, "the command ended before it could be finished");
                }
            }

            if (!readOnly)
            {
                await composition.Deliveries.DrainAsync(Composition.LastDeliveries);
            }

            done.Dispose();
            composition.Dispose();
            logs.Dispose();
            locks?.Dispose();
        })
        { ForReason = reason => composition.AgentFor(caller, reason) });
    }
}
