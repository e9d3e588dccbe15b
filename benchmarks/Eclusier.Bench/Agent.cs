using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>The agent: told to look by <c>eclusier deploy</c>, by a webhook, or by nobody.</summary>
internal sealed class Agent(Ground ground, string name) : Watcher(ground, name)
{
    private static readonly string[] Results = ["committed", "rolled-back"];
    private string commit = "";

    /// <summary>Follows each push at once; <c>null</c>: nothing does.</summary>
    public Webhook? Webhook { get; init; }

    /// <summary>The stack's part of the configuration.</summary>
    public string Configuration => $$"""
          {{Name}}:
            repository: {{RepositoryUrl}}
            environment: { IMAGE_TAG: "main-{commit7}" }
            health:
              timeout: {{HealthSeconds}}s
              interval: 1s
              soak: 1s
              probes:
                - http: http://127.0.0.1:{{Port}}/health
        {{(Webhook is null ? "" : $"    webhook: {{ secret: {Webhook.Secret} }}")}}
        """;

    public override int ProcessId => Ground.Host.DaemonId;

    public override bool IsRunning => Ground.Host.IsRunning;

    public override IReadOnlyList<string> Lines => Ground.Host.Journal;

    /// <summary>Told by <c>eclusier deploy</c>, a second after the push.</summary>
    public Task<Update> UpdateByCommandAsync(int padding, CancellationToken cancellationToken) => UpdateAsync(padding, DeployAsync, cancellationToken);

    public override Task RecoverAsync(CancellationToken cancellationToken) => ClosedAsync(Results, cancellationToken);

    protected override Task<string> PrepareAsync(int version, CancellationToken cancellationToken)
    {
        commit = Repository.CommitLocally($"Version {version}", ("compose.yaml", Ground.Compose(Name, Port)), ("version.txt", $"{version}\n"));
        return Task.FromResult($"main-{commit[..7]}");
    }

    protected override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Ground.Host.StartAsync();
        await ClosedAsync(["committed"], cancellationToken);
    }

    protected override async Task StartAgainAsync()
    {
        await Ground.Host.KillAsync(); // it is dead already: waits until that is known
        await Ground.Host.StartAsync();
    }

    protected override async Task TellAsync(CancellationToken cancellationToken)
    {
        if (Webhook is not null)
        {
            await Webhook.SendAsync(Name, cancellationToken);
        }
    }

    protected override async Task<IReadOnlyList<StepView>> SettledAsync(bool isGood, DateTimeOffset pushed, CancellationToken cancellationToken)
    {
        var deployment = await ClosedAsync([isGood ? "committed" : "rolled-back"], cancellationToken);
        return [new StepView("until it begins", pushed, (deployment.StartedAt - pushed).TotalSeconds, true, ""), .. deployment.Steps];
    }

    private async Task<Update> DeployAsync(Prober prober, CancellationToken cancellationToken)
    {
        var (commanded, clock) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        var running = Ground.Host.RunAsync("deploy", Name);
        var answered = await FirstAnswerAsync(prober, cancellationToken);
        await running;
        var deployment = await ClosedAsync(["committed"], cancellationToken);
        var fromCommand = Stopwatch.GetElapsedTime(commanded, answered);
        return new Update(clock + fromCommand - deployment.StartedAt, await prober.GapAsync())
        {
            FromCommand = deployment.StartedAt < clock ? null : fromCommand, // a poll may have been faster
            Steps = deployment.Steps,
        };
    }

    /// <summary>A poll may have been faster than the command, which then finds nothing to do: what counts is the deployment that came to an end.</summary>
    private async Task<DeploymentView> ClosedAsync(string[] expected, CancellationToken cancellationToken)
    {
        bool IsIt(DeploymentView deployment) => deployment.Commit == commit && deployment.Result is not null and not "up-to-date" and not "interrupted";
        var history = await Wait.ForAsync($"{commit[..7]} is deployed", Patience, () => Ground.Host.HistoryAsync(Name), history => history.Deployments.Any(IsIt), cancellationToken);
        var deployment = history.Deployments.First(IsIt);
        return expected.Contains(deployment.Result) ? deployment : throw new InvalidOperationException($"the deployment was expected to be {string.Join(" or ", expected)}: {deployment}");
    }
}
