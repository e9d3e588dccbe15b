namespace Eclusier.Workers;

/// <summary>Runs the worker of every stack for as long as the agent lives, and lets each finish what must not be cut short.</summary>
public sealed class AgentService(StackWorkers workers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => workers.RunAsync(polls: true, stoppingToken);
}
