using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary><c>benchmarks/baseline/gitops-loop.sh</c>: what Eclusier takes the place of.</summary>
internal sealed class ShellLoop(Ground ground, string name) : Watcher(ground, name), IAsyncDisposable
{
    private readonly List<string> earlier = [];
    private LabProcess? loop;
    private int toldBefore;

    /// <summary>Between two looks.</summary>
    public int IntervalSeconds { get; init; } = 1;

    public override int ProcessId => Running.Id;

    public override bool IsRunning => loop is { HasExited: false };

    public override IReadOnlyList<string> Lines => [.. earlier, .. loop?.Lines ?? []];

    private string Clone => Path.Combine(Ground.Host.Folder, $"{Name}.clone");

    private LabProcess Running => loop ?? throw new InvalidOperationException("the shell loop was never started");

    private Dictionary<string, string> Environment => new(Ground.Host.Environment)
    {
        ["COMPOSE_PROJECT_NAME"] = Name,
        ["INTERVAL"] = $"{IntervalSeconds}",
        ["DIRECTORY"] = ".",
        ["HEALTH_URL"] = $"http://127.0.0.1:{Port}/health",
        ["ATTEMPTS"] = $"{HealthSeconds}",
        ["PAUSE"] = "1",
        ["OWNER"] = $"{System.Environment.UserName}:",
    };

    /// <summary>A new version, put there by a person, and the loop again after it: by itself it never gets on.</summary>
    public override async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        var (answer, tag) = await PrepareNextAsync(behaviour => behaviour, cancellationToken);
        await PushAsync(tag, cancellationToken);
        GitRepository.GitIn(Clone, "fetch", "--quiet", "origin", "main");
        GitRepository.GitIn(Clone, "reset", "--quiet", "--hard", "origin/main");
        await RunAsync(Clone, "docker", ["compose", "down"], cancellationToken);
        await UpAsync(cancellationToken);
        await using (var prober = Prober.Start(Port, answer))
        {
            await FirstAnswerAsync(prober, cancellationToken);
        }

        Current = answer;
        await StartAgainAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    protected override Task<string> PrepareAsync(int version, CancellationToken cancellationToken)
    {
        var tag = $"main-{version:0000000}";
        Repository.CommitLocally($"Version {version}", ("compose.yaml", Ground.Compose(Name, Port)), (".env", $"IMAGE_TAG={tag}\n"));
        return Task.FromResult(tag);
    }

    protected override Task PushAsync(string tag, CancellationToken cancellationToken)
    {
        toldBefore = Lines.Count;
        return base.PushAsync(tag, cancellationToken);
    }

    /// <summary>The page begins with a clone whose application runs.</summary>
    protected override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RunAsync(Ground.Host.Folder, "git", ["clone", "--quiet", RepositoryUrl, Clone], cancellationToken);
        await UpAsync(cancellationToken);
        await StartAgainAsync();
    }

    protected override async Task StartAgainAsync()
    {
        await StopAsync();
        loop = LabProcess.Start("bash", [Path.Combine(SourceTree.Root, "benchmarks", "baseline", "gitops-loop.sh")], Environment, Clone);
    }

    protected override async Task<IReadOnlyList<StepView>> SettledAsync(bool isGood, DateTimeOffset pushed, CancellationToken cancellationToken)
    {
        var last = isGood ? "updated" : "rolled back";
        await Wait.ForAsync($"the shell loop says '{last}'", Patience, () => Lines.Skip(toldBefore).ToList(), lines => lines.Contains(last), cancellationToken);
        if (!isGood)
        {
            await StopAsync(); // or it deploys the bad version again, and again
        }

        return [];
    }

    private async Task UpAsync(CancellationToken cancellationToken)
    {
        await RunAsync(Clone, "docker", ["compose", "pull"], cancellationToken);
        await RunAsync(Clone, "docker", ["compose", "up", "-d"], cancellationToken);
    }

    private async Task RunAsync(string folder, string program, string[] words, CancellationToken cancellationToken) =>
        (await LabProcess.RunAsync(program, words, Environment, folder, TimeSpan.FromMinutes(2), cancellationToken)).Succeeded();

    /// <summary>With all that it has started.</summary>
    private async Task StopAsync()
    {
        if (loop is { } running)
        {
            if (!running.HasExited)
            {
                ProcessTree.Kill(running.Id);
            }

            await running.WaitForExitAsync(TimeSpan.FromSeconds(10));
            earlier.AddRange(running.Lines);
            loop = null;
            await running.DisposeAsync();
        }
    }
}
