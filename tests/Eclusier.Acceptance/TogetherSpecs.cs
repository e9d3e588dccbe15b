using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Two at once: a command beside the daemon, two commands, two daemons.</summary>
public sealed class TogetherSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deploy_beside_the_daemon_s_own_deployment_does_not_deploy_twice()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", "2"));
        await shop.Host.AwaitLineAsync($"New commit detected: main@{commit[..7]}", cancellationToken: Token);

        var deploy = await shop.RunAsync("deploy");

        Assert.True(deploy.ExitCode == 0, deploy.ToString());
        Assert.Contains("release #2", deploy.Output);
        Assert.DoesNotContain("no daemon", deploy.Error);
        Assert.Equal("web v2", await shop.AnswerAsync());
        var trial = Assert.Single(await shop.TrialsAsync(), trial => trial.Commit == commit);
        Assert.Equal("committed", trial.Result);
        Assert.Equal("commit", trial.Cause);
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
    }

    [Fact]
    public async Task Two_deploys_at_once_are_one_deployment_and_both_are_told_the_outcome()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h", "timeout: 6s\ninterval: 500ms\nsoak: 1s");
        await shop.BeginWithAsync("v1");

        var good = await shop.PushAsync("v2");
        var both = await Task.WhenAll(shop.RunAsync("deploy"), shop.RunAsync("deploy"));

        Assert.All(both, outcome => Assert.True(outcome.ExitCode == 0, outcome.ToString()));
        Assert.All(both, outcome => Assert.Contains("release #2", outcome.Output));
        Assert.Single(both, outcome => outcome.Output.Contains(": committed:", StringComparison.Ordinal));
        Assert.Single(await shop.TrialsAsync(), trial => trial.Commit == good);

        var bad = await shop.PushAsync("v3", version => version.Crashing());
        both = await Task.WhenAll(shop.RunAsync("deploy"), shop.RunAsync("deploy"));

        Assert.Equal([3, 4], both.Select(outcome => outcome.ExitCode).Order());
        Assert.Contains("release #3", both.Single(outcome => outcome.ExitCode == 3).Output);
        Assert.Contains("fatal: cannot open database", both.Single(outcome => outcome.ExitCode == 3).Output);
        Assert.Contains("release #3 is in quarantine", both.Single(outcome => outcome.ExitCode == 4).Output);
        Assert.Single(await shop.TrialsAsync(), trial => trial.Commit == bad);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_state_refuses_and_names_the_first()
    {
        await using var shop = await Shop.CreateAsync();
        var container = await shop.BeginWithAsync("v1");

        var second = await shop.Host.RunAsync("monitor");

        Assert.Equal(4, second.ExitCode);
        Assert.Contains($"monitor (pid {shop.Host.DaemonId}, since ", second.Error);
        await shop.PollsAsync(2);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
    }

    [Fact]
    public async Task Without_a_daemon_a_command_does_the_work_and_keeps_others_out_meanwhile()
    {
        await using var shop = await Shop.CreateAsync();
        var commit = await shop.PushAsync("v1", version => version.With("start_delay", "5"));

        var first = shop.RunAsync("deploy");
        await shop.AwaitStatusAsync("the first is at the gate", status => status.Deployment?.Steps.Any(step => step.Step == "health-gate") == true);
        var second = await shop.RunAsync("deploy");
        var daemon = await shop.Host.RunAsync("monitor");
        var suspend = await shop.RunAsync("suspend", "--reason", "too late");

        Assert.All([second, daemon, suspend], outcome => Assert.Equal(4, outcome.ExitCode));
        Assert.All([second, daemon, suspend], outcome => Assert.Contains("deploy (pid ", outcome.Error));
        var done = await first;
        Assert.True(done.ExitCode == 0, done.ToString());
        Assert.Contains("no daemon is running", done.Error);
        Assert.True(done.Error.Contains($"main@{commit[..7]}", StringComparison.Ordinal), done.ToString());
        Assert.Contains("release #1", done.Output);
        Assert.Equal("web v1", await shop.AnswerAsync());
        var container = (await shop.ContainerAsync("web")).Id;

        await shop.Host.StartAsync(); // the lock is free again, and the daemon finds nothing to do
        await shop.PollsAsync(2);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Single(await shop.TrialsAsync());
    }
}
