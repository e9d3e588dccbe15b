using System.Globalization;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>A stack of two services that is killed again and again; each run goes on from where the last one came to rest.</summary>
internal sealed class SweptStack : IAsyncDisposable
{
    public const string CrashAt = "ECLUSIER_CRASH_AT";
    public const string CrashTraceFile = "ECLUSIER_CRASH_TRACE";

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);
    private static readonly string[] Ends = ["committed", "rolled-back", "failed", "rollback-failed", "rejected", "expired"];

    private const int LooksPerQuestion = 10;

    private int runs;

    private SweptStack(Shop shop) => Shop = shop;

    public Shop Shop { get; }

    public EclusierHost Host => Shop.Host;

    public static async Task<SweptStack> CreateAsync()
    {
        var shop = await Shop.CreateAsync(health: "timeout: 20s\ninterval: 100ms\nsoak: 300ms");
        var stack = new SweptStack(shop);
        try
        {
            foreach (var bits in new[] { "a", "b" })
            {
                await shop.PushImageAsync("web", bits, bits);
                await shop.PushImageAsync("worker", bits, bits, mode: "worker");
            }

            await shop.PushImageAsync("web", "bad", "bad", version => version.Crashing());
            await shop.PushImageAsync("worker", "bad", "bad", mode: "worker");
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the scenario's start: what runs, and what is asked for; nobody has seen it yet.</summary>
    public async Task<Attempt> PrepareAsync(Scenario scenario)
    {
        if (scenario == Scenario.FirstAdoption)
        {
            await UpByHandAsync();
            return await AttemptAsync(scenario, Push(good: true), target: null);
        }

        for (var have = await CommittedAsync(); have.Count < (scenario == Scenario.ManualRollback ? 2 : 1); have = await CommittedAsync())
        {
            await Host.StartAsync();
            await Shop.ExpectAsync("committed", Push(good: true));
            await Host.StopAsync();
        }

        if (scenario == Scenario.ManualRollback)
        {
            var target = (await CommittedAsync()).First(release => !release.IsLastKnownGood);
            return await AttemptAsync(scenario, target.Commit!, target.Number);
        }

        return await AttemptAsync(scenario, Push(good: scenario == Scenario.GoodCommit), target: null);
    }

    /// <summary>A good commit, while the daemon runs.</summary>
    public Task<Attempt> PushGoodAsync() => AttemptAsync(Scenario.GoodCommit, Push(good: true), target: null);

    /// <summary>Runs the program as the scenario has it: the daemon, or a person's command.</summary>
    public LabProcess Start(Attempt attempt, params (string Name, string Value)[] variables)
    {
        string[] words = attempt.Target is { } target ? ["rollback", Shop.Stack, "--to", target.ToString(CultureInfo.InvariantCulture)] : ["monitor"];
        var environment = new Dictionary<string, string>(Host.Environment);
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return LabProcess.Start(Host.Program, [.. words, "--config", Host.ConfigFile], environment, Host.Folder);
    }

    /// <summary>Waits until the program is dead, or the deployment came to its end without that.</summary>
    public async Task<bool> DiesAsync(LabProcess program, Attempt attempt)
    {
        var looks = 0;
        await Wait.UntilAsync("the program is dead, or at rest", LongestRun, async () => program.HasExited || (attempt.Target is null && ++looks % LooksPerQuestion == 0 && IsOver(await HistoryAsync(), attempt)), Token);
        if (!program.HasExited)
        {
            await program.StopAsync(TimeSpan.FromSeconds(30));
        }

        return await program.WaitForExitAsync(LongestRun, Token) == 128 + 9;
    }

    /// <summary>The daemon runs again: waits until nothing is under way any more, and it has looked once more after that.</summary>
    public async Task<HistoryView> RestAsync(Attempt attempt)
    {
        await Wait.ForAsync("the deployment is over", LongestRun, () => SlowlyAsync(HistoryAsync), history => IsOver(history, attempt), Token);
        var seen = DateTimeOffset.UtcNow;
        await Wait.ForAsync("it has looked once more", LongestRun, () => SlowlyAsync(Shop.StatusAsync), status => status.Deployment is null && status.LastCheckAt > seen, Token);
        return await HistoryAsync();
    }

    /// <summary><c>docker compose up</c> with the next version, as a person does it.</summary>
    public async Task UpByHandAsync(bool good)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Host.Folder, "by-hand")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "compose.yaml"), NextCompose(good), Token);
        (await LabProcess.RunAsync(
            "docker", ["compose", "--project-name", Shop.Stack, "up", "--detach", "--quiet-pull", "--remove-orphans"], workingDirectory: folder, within: LongestRun, cancellationToken: Token)).Succeeded();
    }

    public ValueTask DisposeAsync() => Shop.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each question is a program of its own: asked too often, they take the processor from what is waited for.</summary>
    private static async Task<T> SlowlyAsync<T>(Func<Task<T>> ask)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300), Token);
        return await ask();
    }

    private static bool IsOver(HistoryView history, Attempt attempt) =>
        history.Deployments.All(deployment => deployment.Result is not null)
        && (attempt.Target is not null || history.Deployments.Any(deployment => deployment.Id > attempt.LastDeployment && deployment.Commit == attempt.Commit && Ends.Contains(deployment.Result)));

    private async Task<Attempt> AttemptAsync(Scenario scenario, string commit, int? target)
    {
        var isFresh = scenario == Scenario.FirstAdoption;
        var history = isFresh ? new HistoryView([], []) : await HistoryAsync();
        return new Attempt
        {
            Scenario = scenario,
            Commit = commit,
            Target = target,
            LastDeployment = history.Deployments.Select(deployment => deployment.Id).DefaultIfEmpty().Max(),
            GoodBefore = history.Releases.FirstOrDefault(release => release.IsLastKnownGood)?.Number,
            Folders = Invariants.HashReleaseFolders(Host, Shop.Stack),
        };
    }

    private async Task<List<ReleaseView>> CommittedAsync() => !File.Exists(Path.Combine(Host.StateDirectory, "eclusier.db"))
        ? []
        : [.. (await HistoryAsync()).Releases.Where(release => release is { CommittedAt: not null, QuarantinedAt: null, Number: > 0 }).OrderByDescending(release => release.Number).Take(2)];

    /// <summary>All of it: a release may have been last known good for many runs.</summary>
    private Task<HistoryView> HistoryAsync() => Host.HistoryAsync(Shop.Stack, limit: 1000);

    /// <summary>A commit whose every service differs from every other commit's.</summary>
    private string Push(bool good)
    {
        var compose = NextCompose(good);
        return Shop.Repository.Commit($"Run {runs}", ("compose.yaml", compose));
    }

    private string NextCompose(bool good)
    {
        runs++;
        var bits = !good ? "bad" : runs % 2 == 0 ? "a" : "b";
        Shop.WebKeys = $"labels: {{ run: \"{runs}\" }}\nstop_grace_period: 2s";
        Shop.MoreServices = $"worker:\n  image: {Shop.Image("worker", bits)}\n  labels: {{ run: \"{runs}\" }}\n  stop_grace_period: 2s";
        return Shop.Compose(bits);
    }

    /// <summary>Forgets all that Eclusier knows, and has the project started by a person.</summary>
    private async Task UpByHandAsync()
    {
        if (Directory.Exists(Host.StateDirectory))
        {
            Directory.Delete(Host.StateDirectory, recursive: true);
        }

        await UpByHandAsync(good: true);
    }
}

/// <summary>What a run is about, and how things were before it.</summary>
internal sealed record Attempt
{
    public required Scenario Scenario { get; init; }

    /// <summary>The commit that is pushed, or that of the release a person goes back to.</summary>
    public required string Commit { get; init; }

    /// <summary>The release a person goes back to.</summary>
    public int? Target { get; init; }

    public required long LastDeployment { get; init; }

    /// <summary>The last known good release, if there is one.</summary>
    public int? GoodBefore { get; init; }

    public required IReadOnlyDictionary<string, string> Folders { get; init; }

    /// <summary>How often the agent was killed over it.</summary>
    public int Kills { get; init; }
}
