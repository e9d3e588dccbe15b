using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What the next start does about what a dead agent has left behind. How a deployment ends after a kill: <see cref="InterruptionSpecs"/> and the sweeps.</summary>
public sealed class RecoverySpecs : IAsyncLifetime
{
    private const string CrashAt = "ECLUSIER_CRASH_AT";

    private Shop shop = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => shop = await Shop.CreateAsync(health: "timeout: 10s\ninterval: 300ms\nsoak: 300ms");

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task A_docker_compose_of_the_dead_agent_is_ended_before_anything_else_is_done()
    {
        shop.WebKeys = "stop_grace_period: 20s"; // `up` waits so long for the first version to stop
        await shop.ExpectAsync("committed", await BeginAsync("v1", version => version.With("ignore_term", "1")));
        var commit = await shop.PushAsync("v2");
        await shop.AwaitStatusAsync("it applies", status => status.Deployment is { Steps: [.., { Step: "apply", Succeeded: null }] });
        var agent = shop.Host.DaemonId;
        var left = await Wait.ForAsync("`up` runs", TimeSpan.FromSeconds(20), () => ChildrenOf(agent).Where(child => child.Command.Contains(" up ", StringComparison.Ordinal)).ToList(), children => children.Count > 0, Token);
        // once the new container is there `up` says nothing more until the first version has stopped: a word into a pipe that nobody reads would end it
        await Wait.ForAsync("`up` waits for the first version to stop", TimeSpan.FromSeconds(20), shop.ContainersAsync, containers => containers.Count == 2, Token);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);

        await shop.Host.KillAsync();
        Assert.Equal(left.Select(child => child.Id), ChildrenOf(agent).Select(child => child.Id)); // it lives on
        await shop.Host.StartAsync();

        var ended = await shop.Host.AwaitLineAsync("which an agent that died has left, is ended", cancellationToken: Token);
        Assert.Contains(left, child => ended.Contains($"(pid {child.Id})", StringComparison.Ordinal));
        await shop.ExpectAsync("committed", commit);
        Assert.Empty(ChildrenOf(agent));
        Assert.Single(await shop.ContainersAsync());
        Assert.Equal("web v2", await shop.AnswerAsync());
        var line = shop.Host.Journal.ToList();
        Assert.True(line.IndexOf(ended) < line.FindLastIndex(text => text.Contains("was interrupted at Apply; finishing it", StringComparison.Ordinal)), "it was ended too late");
    }

    [Fact]
    public async Task A_container_that_an_interrupted_up_left_beside_the_real_one_is_removed_before_the_next_up()
    {
        await shop.ExpectAsync("committed", await BeginAsync("v1"));
        Assert.Equal(0, await shop.Host.StopAsync());
        var real = await shop.ContainerAsync("web");
        await LeaveAsync($"0123456789ab_{real.Name}", real);
        var commit = await shop.PushAsync("v2");
        await shop.Host.StartAsync();

        await shop.ExpectAsync("committed", commit);

        var container = Assert.Single(await shop.ContainersAsync());
        Assert.Equal((real.Name, "running"), (container.Name, container.State));
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Single(shop.Host.Journal, line => line.Contains($"0123456789ab_{real.Name}", StringComparison.Ordinal) && line.Contains("emoved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_container_that_an_interrupted_up_left_instead_of_the_real_one_becomes_the_real_one()
    {
        await shop.ExpectAsync("committed", await BeginAsync("v1"));
        Assert.Equal(0, await shop.Host.StopAsync());
        var real = await shop.ContainerAsync("web");
        await DockerCli.RunAsync("stop", "--time", "1", real.Id);
        await DockerCli.RunAsync("rename", real.Id, $"0123456789ab_{real.Name}"); // with its volumes: this is where Compose's own rename did not come
        await shop.Host.StartAsync();

        await Wait.ForAsync("it runs under its name", TimeSpan.FromSeconds(60), shop.ContainersAsync, containers => containers is [{ State: "running" } one] && one.Name == real.Name && one.Id == real.Id, Token);
        await shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", Drift: null });
        Assert.Equal("web v1", await shop.AnswerAsync());
    }

    [Fact]
    public async Task A_half_written_release_folder_is_wiped_and_the_release_is_published_whole()
    {
        await shop.ExpectAsync("committed", await BeginAsync("v1"));
        Assert.Equal(0, await shop.Host.StopAsync());
        var commit = await shop.PushAsync("v2");
        shop.Host.Environment[CrashAt] = "releases.publish.before";
        await DieAsync();
        shop.Host.Environment.Remove(CrashAt);
        var releases = Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases");
        var half = Directory.CreateDirectory(Path.Combine(releases, $".tmp-{new string('a', 64)}-x.tmp")).FullName;
        await File.WriteAllTextAsync(Path.Combine(half, "compose.json"), "{ \"services\": {", Token);
        var interrupted = (await shop.HistoryAsync()).Deployments.Max(deployment => deployment.Id);

        await shop.Host.StartAsync();
        await Wait.ForAsync("the half written folder is gone", TimeSpan.FromSeconds(20), () => Directory.Exists(half), isThere => !isThere, Token);

        await shop.ExpectAsync("committed", commit, after: interrupted);
        Assert.All(Directory.GetFileSystemEntries(releases), entry => Assert.Matches(new Regex("^[0-9a-f]{64}$"), Path.GetFileName(entry)));
    }

    [Fact]
    public async Task Agents_that_die_at_the_gate_of_a_release_again_and_again_take_it_back_at_the_third_start()
    {
        var good = await BeginAsync("v1");
        await shop.ExpectAsync("committed", good);
        Assert.Equal(0, await shop.Host.StopAsync());
        var bad = await shop.PushAsync("v2");
        shop.Host.Environment[CrashAt] = "journal.begin.health-gate.after";
        for (var start = 0; start < 3; start++)
        {
            await DieAsync(); // the first one began it, two more took it up
        }

        await shop.Host.StartAsync(); // the third to take it up: it would die there, too, but does not go there any more

        var deployment = await shop.ExpectAsync("rolled-back", bad);
        Assert.Contains("the agent ended 3 times while this release was tried", deployment.Reason);
        Assert.Equal("web v1", await shop.AnswerAsync());
        var status = await shop.AwaitStatusAsync("it is told", status => status.State == "rolled-back");
        Assert.Equal((good, bad), (status.LastKnownGood?.Commit, Assert.Single(status.Quarantined).Commit));
        Assert.Equal("rolled-back", Assert.Single(ToldOf(deployment)));
    }

    [Fact]
    public async Task At_the_sixth_start_the_stack_is_suspended_loudly_and_its_containers_are_left_alone()
    {
        await shop.ExpectAsync("committed", await BeginAsync("v1"));
        Assert.Equal(0, await shop.Host.StopAsync());
        var bad = await shop.PushAsync("v2");
        shop.Host.Environment[CrashAt] = "work-tree.move.before"; // passed by applying and by going back
        for (var start = 0; start < 6; start++)
        {
            await DieAsync();
        }

        var before = await shop.SnapshotAsync();
        await shop.Host.StartAsync();

        var status = await shop.AwaitStatusAsync("it is suspended", status => status.State == "suspended");
        Assert.Contains("6 agents in a row ended before the deployment of release #2 was finished", status.SuspendedBecause);
        Assert.Contains($"eclusier resume {shop.Stack}", status.SuspendedBecause);
        var deployment = await shop.ExpectAsync("rollback-failed", bad);
        Assert.Single(ToldOf(deployment));
        Assert.Contains(shop.Host.Journal, line => line.Contains("the stack is suspended", StringComparison.Ordinal));
        await shop.PollsAsync(2);
        Assert.Equal(before, await shop.SnapshotAsync());

        // what ended the agents is gone, and a person has looked: the good release is there, and a newer commit is deployed
        await shop.Host.StopAsync();
        shop.Host.Environment.Remove(CrashAt);
        await shop.Host.StartAsync();
        Assert.Equal(0, (await shop.RunAsync("resume")).ExitCode);
        await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.Equal("web v3", await shop.AnswerAsync());
    }

    private async Task<string> BeginAsync(string version, Func<Behaviour, Behaviour>? bits = null)
    {
        if (shop.WebKeys.Length == 0)
        {
            shop.WebKeys = "stop_grace_period: 1s";
        }

        var commit = await shop.PushAsync(version, bits);
        await shop.Host.StartAsync();
        return commit;
    }

    /// <summary>Runs a daemon until it kills itself.</summary>
    private async Task DieAsync()
    {
        await using var daemon = LabProcess.Start(shop.Host.Program, ["monitor", "--config", shop.Host.ConfigFile], shop.Host.Environment, shop.Host.Folder);
        Assert.Equal(128 + 9, await daemon.WaitForExitAsync(TimeSpan.FromMinutes(1), Token));
    }

    /// <summary>Created and never started, with all labels of the real one, as Compose makes it before it stops the old one.</summary>
    private static Task LeaveAsync(string name, LabContainer real) =>
        DockerCli.RunAsync(["create", "--name", name, .. real.Labels.SelectMany(label => new[] { "--label", $"{label.Key}={label.Value}" }), real.ImageId]);

    /// <summary>What is in the outbox of a deployment.</summary>
    private List<string> ToldOf(DeploymentView deployment)
    {
        using var database = AgentDatabase.Open(AgentDatabase.PathIn(shop.Host.StateDirectory));
        using var query = database.CreateCommand();
        query.CommandText = "SELECT kind FROM event WHERE cause = $cause";
        query.Parameters.AddWithValue("$cause", $"deployment/{deployment.Id}");
        using var reader = query.ExecuteReader();
        var kinds = new List<string>();
        while (reader.Read())
        {
            kinds.Add(reader.GetString(0));
        }

        return kinds;
    }

    /// <summary>Living programs that the agent with this pid has started, found by the mark in their environment.</summary>
    private static List<(int Id, string Command)> ChildrenOf(int agent)
    {
        var found = new List<(int, string)>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "environ")).Split('\0').Any(entry => entry.StartsWith($"ECLUSIER_CHILD_OF={agent} ", StringComparison.Ordinal)))
                {
                    found.Add((int.Parse(Path.GetFileName(process)), File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ')));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // it has ended meanwhile, or is a kernel thread
            }
        }

        return found;
    }
}
