using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What tests about inputs need besides: other configurations, what must not change, and commits that are turned down.</summary>
internal sealed partial class Shop
{
    private int round;
    private string? settings;

    public string WorkTree => Path.Combine(Host.StateDirectory, "stacks", Stack, "work");

    /// <summary>Starts the daemon, or starts it again with other settings of the stack.</summary>
    public async Task StartAsync(string settings = "", bool probe = true)
    {
        await StopAsync();
        Configure(settings, probe: probe);
        await Host.StartAsync();
        this.settings = settings;
    }

    /// <summary>A test of a shared shop begins with a daemon without settings of another test, and with something that runs.</summary>
    public async Task BeginAsync()
    {
        if (settings is null or { Length: > 0 })
        {
            await StartAsync();
            await DeployGoodAsync();
        }
    }

    /// <summary>Starts the daemon with stacks of the test's own, set in by two spaces.</summary>
    public async Task StartWithAsync(string stacks)
    {
        await StopAsync();
        Host.Configure($"interval: 1s\nstacks:\n{stacks}");
        await Host.StartAsync();
    }

    private async Task StopAsync()
    {
        if (Host.IsRunning)
        {
            Assert.Equal(0, await Host.StopAsync());
        }
    }

    /// <summary>Pushes another definition of the good version, and sees it run: every test of a shared shop begins and ends with it.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> DeployGoodAsync()
    {
        await PushImageAsync("web", "v1", "v1");
        var commit = Repository.Commit("A good version", ("compose.yaml", GoodCompose()));
        await ExpectAsync("committed", commit);
        Assert.Equal($"round {round}", await AnswerAsync("/env?ROUND"));
        return commit;
    }

    /// <summary>A good version that differs from the one before: its container is made anew.</summary>
    public string GoodCompose() => ComposeWith($"environment: {{ ROUND: 'round {++round}' }}");

    /// <summary>The Compose file with these lines for the web service, and these sections.</summary>
    public string ComposeWith(string webKeys, string sections = "")
    {
        var (keys, more) = (WebKeys, MoreSections);
        try
        {
            (WebKeys, MoreSections) = ($"stop_grace_period: 1s\n{webKeys}", sections);
            return Compose("v1");
        }
        finally
        {
            (WebKeys, MoreSections) = (keys, more);
        }
    }

    /// <summary>A commit is turned down, once, without touching anything, for a reason that history, status and journal share.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> ExpectRejectedAsync(Func<string> push, params string[] reason)
    {
        var before = await SnapshotAsync();
        var line = Host.Journal.Count;
        var commit = push();
        await ExpectTurnedDownAsync("rejected", commit, line, reason);
        Assert.Equal(before, await SnapshotAsync());
        return commit;
    }

    /// <summary>A good commit is turned down because of these settings, which come with it.</summary>
    public async Task ExpectRejectedWithAsync(string settings, params string[] reason)
    {
        var before = await SnapshotAsync();
        var line = Host.Journal.Count;
        await StopAsync();
        var commit = Repository.Commit("A good version for other settings", ("compose.yaml", GoodCompose()));
        await StartAsync(settings);
        await ExpectTurnedDownAsync("rejected", commit, line, reason);
        Assert.Equal(before, await SnapshotAsync());
    }

    /// <summary>The newest deployment of the commit ends so, is not tried again, and its reason holds these words.</summary>
    /// <param name="line">How long the journal was before.</param>
    public async Task<DeploymentView> ExpectTurnedDownAsync(string result, string commit, int line, params string[] reason)
    {
        var deployment = await ExpectAsync(result, commit);
        Assert.All(reason, words => Assert.Contains(words, deployment.Reason));

        var status = await AwaitStatusAsync("the status says rejected", status => status.State == "rejected");
        Assert.Equal(deployment.Reason, status.Message);
        Assert.Equal(commit, status.Desired?.Commit);

        await PollsAsync(2);
        Assert.Single((await HistoryAsync()).Deployments, other => other.Commit == commit);
        Assert.Single(Host.Journal.Skip(line), text => text.Contains($"{Stack}: {deployment.Reason.Split('\n')[0]}", StringComparison.Ordinal));
        return deployment;
    }

    /// <summary>What stays the same when nothing is touched: the containers and when each was started, the work tree and its commit.</summary>
    public async Task<string> SnapshotAsync()
    {
        var ids = (await ContainersAsync()).Select(container => container.Id).ToList();
        var containers = ids.Count == 0 ? "" : await DockerCli.RunAsync(["inspect", "--format", "{{.Name}} {{.Id}} {{.State.Status}} {{.State.StartedAt}}", .. ids]);
        return $"{containers}\n{Head()}\n{GitRepository.GitIn(WorkTree, "status", "--porcelain")}";
    }

    /// <summary>The commit that the work tree is at.</summary>
    public string Head() => GitRepository.GitIn(WorkTree, "rev-parse", "HEAD");
}
