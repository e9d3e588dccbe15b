using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A stack that a person has stopped being deployed, for a while.</summary>
public sealed class SuspensionSpecs
{
    [Fact]
    public async Task A_suspended_stack_is_left_alone_also_after_a_restart_and_resuming_deploys_at_once()
    {
        await using var shop = await Shop.CreateAsync("interval: 2s");
        var container = await shop.BeginWithAsync("v1");

        var suspended = await shop.RunAsync("suspend", "--reason", "migration tonight");
        var commit = await shop.PushAsync("v2");

        Assert.Equal(0, suspended.ExitCode);
        Assert.Contains("migration tonight", suspended.Output);
        var status = await shop.AwaitStatusAsync("the new commit is seen", status => status.Desired?.Commit == commit);
        Assert.Equal("suspended", status.State);
        Assert.Equal("migration tonight", status.SuspendedBecause);

        Assert.Equal(0, await shop.Host.StopAsync());
        Assert.Equal("suspended", (await shop.StatusAsync()).State); // remembered, without a daemon too
        await shop.Host.StartAsync();
        await shop.PollsAsync(2);
        Assert.Equal("migration tonight", (await shop.StatusAsync()).SuspendedBecause);
        var deploy = await shop.RunAsync("deploy");
        Assert.Equal(4, deploy.ExitCode);
        Assert.Contains("migration tonight", deploy.Output);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.DoesNotContain((await shop.HistoryAsync()).Deployments, deployment => deployment.Commit == commit);

        var resumed = await shop.RunAsync("resume");

        Assert.Equal(0, resumed.ExitCode);
        await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Null((await shop.StatusAsync()).SuspendedBecause);
    }

    [Fact]
    public async Task Resuming_does_not_wait_for_the_next_poll()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        await shop.BeginWithAsync("v1");
        Assert.Equal(0, (await shop.RunAsync("suspend", "--reason", "a look around")).ExitCode);
        var commit = await shop.PushAsync("v2");

        Assert.Equal(0, (await shop.RunAsync("resume")).ExitCode);

        await shop.ExpectAsync("committed", commit);
    }

    [Fact]
    public async Task A_suspension_without_a_reason_is_not_accepted()
    {
        await using var shop = await Shop.CreateAsync();

        var suspended = await shop.RunAsync("suspend");

        Assert.Equal(1, suspended.ExitCode);
        Assert.Contains("--reason", suspended.Error);
        Assert.Equal("empty", (await shop.StatusAsync()).State);
    }
}
