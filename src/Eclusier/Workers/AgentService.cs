using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>Runs the worker of every stack for as long as the agent lives, and lets each finish what must not be cut short.</summary>
public sealed class AgentService(StackWorkers workers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => workers.RunAsync(polls: true, stoppingToken);
}

/// <summary>The workers, one per configured stack.</summary>
public sealed class StackWorkers(DeadAgent deadAgent, IReadOnlyList<StackWorker> workers, EngineEvents events)
{
    public IReadOnlyList<StackWorker> All => workers;

    public StackWorker? Find(StackName name) => workers.FirstOrDefault(worker => worker.Stack.Name == name);

    /// <summary>Ends when every worker has ended.</summary>
    public async Task RunAsync(bool polls, CancellationToken stopping)
    {
        await deadAgent.ClearAwayAsync();
        var working = workers.Select(worker => Task.Run(() => worker.RunAsync(polls, stopping), CancellationToken.None));
        await Task.WhenAll(polls ? working.Append(Task.Run(() => events.RunAsync(workers, stopping), CancellationToken.None)) : working);
    }
}
