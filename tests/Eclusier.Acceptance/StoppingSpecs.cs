using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>SIGTERM, as systemd sends it: waits end at once, and what must not be cut short is not.</summary>
public sealed class StoppingSpecs
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_while_an_image_is_awaited_is_quick_and_the_next_start_goes_on()
    {
        await using var shop = await Shop.CreateAsync("images: { wait: 10m }");
        var container = await shop.BeginWithAsync("v1");
        var commit = shop.Repository.Commit("CI is slow", ("compose.yaml", shop.Compose("v2")));
        await shop.AwaitStatusAsync("the image is awaited", status => status.State == "waiting");

        Assert.Equal(0, await StopAtOnceAsync(shop));
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        await shop.PushImageAsync("web", "v2", "v2");
        await shop.Host.StartAsync();

        await Wait.ForAsync("the commit is deployed", TimeSpan.FromSeconds(30), shop.TrialsAsync, trials => trials.Any(trial => trial.Commit == commit && trial.Result == "committed"), Token);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }

    [Fact]
    public async Task Stopping_at_the_health_gate_is_quick_and_the_next_start_finishes_the_deployment()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", "6"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        var container = (await shop.ContainerAsync("web")).Id;

        Assert.Equal(0, await StopAtOnceAsync(shop));
        Assert.Null((await shop.HistoryAsync()).Deployments[0].Result); // still open
        await shop.Host.StartAsync();

        await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id); // it ran already
        Assert.Single(await shop.TrialsAsync(), trial => trial.Commit == commit);
    }

    [Fact]
    public async Task Stopping_during_a_rollback_lets_it_finish()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 3s\ninterval: 500ms\nsoak: 500ms");
        await shop.BeginWithAsync("v1");
        var commit = await shop.PushAsync("v2", version => version.With("health", "500").With("ignore_term", "1")); // takes 10 s to stop
        await shop.Host.AwaitLineAsync("Rolling back", cancellationToken: Token);

        Assert.Equal(0, await shop.Host.StopAsync());

        var deployment = (await shop.HistoryAsync()).Deployments[0];
        Assert.Equal(commit, deployment.Commit);
        Assert.Equal("rolled-back", deployment.Result);
        Assert.True(deployment.Steps.Single(step => step.Step == "verify").Succeeded);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal("rolled-back", (await shop.StatusAsync()).State);
    }

    [Fact]
    public async Task Stopping_while_nothing_happens_is_quick()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        var container = await shop.BeginWithAsync("v1");

        Assert.Equal(0, await StopAtOnceAsync(shop));

        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal("web v1", await shop.AnswerAsync());
    }

    [Fact]
    public async Task Stopping_while_it_starts_and_takes_an_interrupted_deployment_up_is_as_orderly()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 30s\ninterval: 500ms\nsoak: 1s");
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        await shop.PushAsync("v2", version => version.With("start_delay", "20"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        await shop.Host.KillAsync();
        foreach (var milliseconds in new[] { 300, 450, 600, 800, 1000, 1300 })
        {
            await using var daemon = LabProcess.Start(shop.Host.Program, ["monitor", "--config", shop.Host.ConfigFile], shop.Host.Environment, shop.Host.Folder, _ => { });
            await Task.Delay(milliseconds, Token);
            var exitCode = await daemon.StopAsync(TimeSpan.FromSeconds(20));

            Assert.True(exitCode is 0 or 143, $"stopped after {milliseconds} ms it ended with {exitCode}: {string.Join('\n', daemon.Lines)}"); // 143: it did not listen to signals yet
        }
    }

    private static async Task<int> StopAtOnceAsync(Shop shop)
    {
        var watch = Stopwatch.StartNew();
        var exitCode = await shop.Host.StopAsync();
        Assert.True(watch.Elapsed < AtOnce, $"it took {watch.Elapsed.TotalSeconds:0.0} s to stop");
        return exitCode;
    }
}
