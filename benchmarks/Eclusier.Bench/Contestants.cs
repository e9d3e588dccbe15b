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

    /// <summary>The first version, from nothing.</summary>
    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await Ground.Images.PushAsync($"{Name}/worker", "stable", new Behaviour("worker", "v1") { Mode = "worker" });
        var (_, tag) = await PrepareNextAsync(behaviour => behaviour, cancellationToken);
        await PushAsync(tag, cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <summary>Has a version deployed that was pushed before the clock starts.</summary>
    protected async Task<Update> UpdateAsync(int padding, Func<Prober, CancellationToken, Task<Update>> deploy, CancellationToken cancellationToken)
    {
        var (awaited, tag) = await PrepareNextAsync(behaviour => behaviour with { Padding = padding }, cancellationToken);
        await PushAsync(tag, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // what pushing stirred up settles down

        await using var prober = Prober.Start(Port, awaited);
        await prober.AwaitOldAsync(cancellationToken);
        return await deploy(prober, cancellationToken);
    }

    /// <summary>Makes the next version and pushes its image.</summary>
    /// <returns>What it answers, and its tag.</returns>
    protected async Task<(string Answer, string Tag)> PrepareNextAsync(Func<Behaviour, Behaviour> change, CancellationToken cancellationToken)
    {
        var tag = await PrepareAsync(++version, cancellationToken);
        await Ground.Images.PushAsync($"{Name}/web", tag, change(new Behaviour("web", $"v{version}")));
        return ($"web v{version}", tag);
    }

    /// <returns>The tag under which this version's image is to be pushed.</returns>
    protected abstract Task<string> PrepareAsync(int version, CancellationToken cancellationToken);

    protected abstract Task PushAsync(string tag, CancellationToken cancellationToken);

    protected abstract Task StartAsync(CancellationToken cancellationToken);

    protected static Task<long> FirstAnswerAsync(Prober prober, CancellationToken cancellationToken) => prober.FirstNewAsync(Patience, cancellationToken);
}

/// <summary><c>docker compose pull &amp;&amp; docker compose up -d</c>, by hand.</summary>
internal sealed class BareCommands(Ground ground, string name) : Contestant(ground, name)
{
    private string Folder => Path.Combine(Ground.Host.Folder, Name);

    public Task<Update> UpdateAsync(int padding, CancellationToken cancellationToken) => UpdateAsync(padding, DeployAsync, cancellationToken);

    protected override Task<string> PrepareAsync(int version, CancellationToken cancellationToken) => Task.FromResult($"main-{version:0000000}");

    protected override async Task PushAsync(string tag, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "compose.yaml"), Ground.Compose(Name, Port), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, ".env"), $"IMAGE_TAG={tag}\n", cancellationToken);
    }

    protected override Task StartAsync(CancellationToken cancellationToken) => RunAsync(cancellationToken);

    private async Task<Update> DeployAsync(Prober prober, CancellationToken cancellationToken)
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
