using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>One update of the application, as its users saw it.</summary>
/// <param name="UntilAnswer">From the moment the change is known to the first answer of the new version.</param>
/// <param name="Gap">From the last answer of the old version to the first of the new one.</param>
internal sealed record Update(TimeSpan UntilAnswer, TimeSpan Gap)
{
    /// <summary>From the start of the command, so with the question to the git server; unknown when a poll came first.</summary>
    public TimeSpan? FromCommand { get; init; }

    public IReadOnlyList<StepView> Steps { get; init; } = [];
}

/// <summary>Brings new versions of the application to this host in one way or the other.</summary>
internal abstract class Contestant(Ground ground, string name)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private int version;

    protected Ground Ground { get; } = ground;

    /// <summary>The Compose project.</summary>
    protected string Name { get; } = name;

    protected int Port { get; } = FreePort.Take();

    /// <summary>Deploys a version that was pushed before the clock starts.</summary>
    public async Task<Update> UpdateAsync(int padding, CancellationToken cancellationToken)
    {
        var awaited = $"web v{++version}";
        var tag = await PrepareAsync(version, cancellationToken);
        await Ground.Images.PushAsync($"{Name}/web", tag, new Behaviour("web", $"v{version}") { Padding = padding });
        await PushAsync(tag, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // what pushing stirred up settles down

        await using var prober = Prober.Start(Port, awaited);
        await prober.AwaitOldAsync(cancellationToken);
        return await DeployAsync(prober, cancellationToken);
    }

    /// <summary>The first version, from nothing.</summary>
    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await Ground.Images.PushAsync($"{Name}/worker", "stable", new Behaviour("worker", "v1") { Mode = "worker" });
        var tag = await PrepareAsync(version, cancellationToken);
        await Ground.Images.PushAsync($"{Name}/web", tag, new Behaviour("web", $"v{version}"));
        await PushAsync(tag, cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <returns>The tag under which this version's image is to be pushed.</returns>
    protected abstract Task<string> PrepareAsync(int version, CancellationToken cancellationToken);

    protected abstract Task PushAsync(string tag, CancellationToken cancellationToken);

    protected abstract Task StartAsync(CancellationToken cancellationToken);

    protected abstract Task<Update> DeployAsync(Prober prober, CancellationToken cancellationToken);

    protected static Task<long> FirstAnswerAsync(Prober prober, CancellationToken cancellationToken) => prober.FirstNewAsync(Patience, cancellationToken);
}

/// <summary><c>docker compose pull &amp;&amp; docker compose up -d</c>, by hand.</summary>
internal sealed class BareCommands(Ground ground, string name) : Contestant(ground, name)
{
    private string Folder => Path.Combine(Ground.Host.Folder, Name);

    protected override Task<string> PrepareAsync(int version, CancellationToken cancellationToken) => Task.FromResult($"main-{version:0000000}");

    protected override async Task PushAsync(string tag, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "compose.yaml"), Ground.Compose(Name, Port), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, ".env"), $"IMAGE_TAG={tag}\n", cancellationToken);
    }

    protected override Task StartAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    protected override async Task<Update> DeployAsync(Prober prober, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var running = RunAsync(cancellationToken);
        var answered = await FirstAnswerAsync(prober, cancellationToken);
        await running;
        return new Update(Stopwatch.GetElapsedTime(started, answered), await prober.GapAsync());
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await ComposeAsync(["pull"], cancellationToken);
        await ComposeAsync(["up", "-d"], cancellationToken);
    }

    private async Task ComposeAsync(string[] words, CancellationToken cancellationToken) =>
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", Name, .. words], Ground.Host.Environment, Folder, TimeSpan.FromMinutes(2), cancellationToken)).Succeeded();
}

/// <summary>The agent, told to look by <c>eclusier deploy</c>.</summary>
internal sealed class Agent(Ground ground, string name) : Contestant(ground, name)
{
    private readonly GitRepository repository = ground.NewRepository(name);
    private string commit = "";

    public string RepositoryUrl => Ground.Git.UrlOf(repository);

    /// <summary>The stack's part of the configuration.</summary>
    public string Configuration => $$"""
          {{Name}}:
            repository: {{RepositoryUrl}}
            environment: { IMAGE_TAG: "main-{commit7}" }
            health:
              timeout: 30s
              interval: 1s
              soak: 1s
              probes:
                - http: http://127.0.0.1:{{Port}}/health
        """;

    protected override Task<string> PrepareAsync(int version, CancellationToken cancellationToken)
    {
        commit = repository.CommitLocally($"Version {version}", ("compose.yaml", Ground.Compose(Name, Port)), ("version.txt", $"{version}\n"));
        return Task.FromResult($"main-{commit[..7]}");
    }

    protected override Task PushAsync(string tag, CancellationToken cancellationToken)
    {
        repository.Push();
        return Task.CompletedTask;
    }

    protected override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Ground.Host.StartAsync();
        await CommittedAsync(cancellationToken);
    }

    protected override async Task<Update> DeployAsync(Prober prober, CancellationToken cancellationToken)
    {
        var (commanded, clock) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        var running = Ground.Host.RunAsync("deploy", Name);
        var answered = await FirstAnswerAsync(prober, cancellationToken);
        await running;
        var deployment = await CommittedAsync(cancellationToken);
        var fromCommand = Stopwatch.GetElapsedTime(commanded, answered);
        return new Update(clock + fromCommand - deployment.StartedAt, await prober.GapAsync())
        {
            FromCommand = deployment.StartedAt < clock ? null : fromCommand,
            Steps = deployment.Steps,
        };
    }

    /// <summary>A poll may have been faster than the command, which then finds nothing to do: what counts is the deployment that committed.</summary>
    private async Task<DeploymentView> CommittedAsync(CancellationToken cancellationToken)
    {
        bool IsIt(DeploymentView deployment) => deployment.Commit == commit && deployment.Result is not null and not "up-to-date";
        var history = await Wait.ForAsync($"{commit[..7]} is deployed", Patience, () => Ground.Host.HistoryAsync(Name), history => history.Deployments.Any(IsIt), cancellationToken);
        var deployment = history.Deployments.First(IsIt);
        return deployment.Result == "committed" ? deployment : throw new InvalidOperationException($"the deployment was expected to be committed: {deployment}");
    }
}
