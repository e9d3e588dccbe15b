using System.Net;
using System.Net.Sockets;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What stands in the way on the host: ports that others hold are seen before anything is touched; what shows only at `up` is taken back.</summary>
public sealed class PortInputSpecs(SharedShop shared) : IClassFixture<SharedShop>, IAsyncLifetime
{
    private readonly Shop shop = shared.Shop;
    private readonly int port = FreePort.Take();

    public async ValueTask InitializeAsync()
    {
        if (!shop.Host.IsRunning)
        {
            await shop.StartAsync(probe: false); // the web service is to move to another port
            await shop.DeployGoodAsync();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_port_that_another_container_holds_is_waited_for()
    {
        var holder = shop.Host.NewStack("holder");
        await DockerCli.RunAsync("run", "--detach", "--name", holder, "--label", $"com.docker.compose.project={holder}", "--publish", $"127.0.0.1:{port}:8080", shop.Image("web", "v1"));

        await IsWaitedForAsync($"container {holder}", async () => await DockerCli.RunAsync("rm", "--force", holder));
    }

    [Fact]
    public async Task A_port_that_a_program_holds_is_waited_for()
    {
        using var holder = new TcpListener(IPAddress.Loopback, port);
        holder.Start();

        await IsWaitedForAsync("a program on this host", () => { holder.Stop(); return Task.CompletedTask; });
    }

    [Fact]
    public async Task What_fails_only_at_up_is_taken_back()
    {
        await shop.DeployGoodAsync();
        var answer = await shop.AnswerAsync("/env?ROUND");
        var tree = shop.Head();

        var commit = shop.Repository.Commit("A program that does not exist", ("compose.yaml", shop.ComposeWith("entrypoint: [/nothing-here]")));
        var deployment = await shop.ExpectAsync("rolled-back", commit);

        Assert.Contains("docker compose up", deployment.Reason);
        Assert.Contains("/nothing-here", $"{deployment.Reason}\n{string.Join('\n', deployment.Evidence.Select(evidence => evidence.Text))}");
        Assert.Equal(answer, await shop.AnswerAsync("/env?ROUND"));
        Assert.Equal(tree, shop.Head());
        var status = await shop.StatusAsync();
        Assert.Equal(deployment.Release, status.Quarantined.Single(release => release.Commit == commit).Number);
        await shop.PollsAsync(2);
        Assert.Single((await shop.HistoryAsync()).Deployments, row => row.Commit == commit);
        Assert.Single(await shop.ContainersAsync());
        await shop.DeployGoodAsync();
    }

    private async Task IsWaitedForAsync(string holder, Func<Task> free)
    {
        var before = await shop.SnapshotAsync();
        var line = shop.Host.Journal.Count;
        var commit = shop.Repository.Commit("A port that is taken", ("compose.yaml", shop.GoodCompose().Replace($"127.0.0.1:{shop.Port}:", $"127.0.0.1:{port}:")));

        var status = await shop.AwaitStatusAsync("the port is in the way", status => status.State == "unavailable");
        Assert.Contains($"port 127.0.0.1:{port}", status.Message);
        Assert.Contains("service web", status.Message);
        Assert.Contains(holder, status.Message);
        await shop.PollsAsync(2);
        Assert.Equal(before, await shop.SnapshotAsync());
        Assert.Single(shop.Host.Journal, line => line.Contains($"{shop.Stack}: {status.Message}", StringComparison.Ordinal));

        await free();

        await shop.ExpectAsync("committed", commit);
        Assert.Single((await shop.HistoryAsync()).Deployments, row => row.Commit == commit);
        Assert.Single(shop.Host.Journal.Skip(line), text => text.Contains("Plan: recreate web", StringComparison.Ordinal));
        Assert.Contains($":{port}->", await DockerCli.RunAsync("ps", "--no-trunc", "--filter", $"id={(await shop.ContainerAsync("web")).Id}", "--format", "{{.Ports}}"));
        await shop.DeployGoodAsync();
    }
}
