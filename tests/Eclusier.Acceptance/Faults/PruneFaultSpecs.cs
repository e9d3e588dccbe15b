using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>Somebody prunes images between a release and the way back to it; on an engine of the test's own, where nobody else has any.</summary>
public sealed class PruneFaultSpecs : IAsyncLifetime
{
    private const string Health = "timeout: 15s\ninterval: 300ms\nsoak: 300ms";

    private PrivateEngine engine = null!;
    private Shop shop = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start an engine");
        engine = await PrivateEngine.StartAsync();
        shop = await Shop.CreateAsync(health: Health);
        shop.Engine = engine.Endpoint;
        shop.WebKeys = "stop_grace_period: 1s";
    }

    public async ValueTask DisposeAsync()
    {
        if (shop is not null)
        {
            await shop.DisposeAsync();
        }

        if (engine is not null)
        {
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public Task After_image_prune_the_release_before_is_missed_before_it_is_needed_and_fetched_again() => LosesAndFindsAgainAsync("image", "prune", "--all", "--force");

    [Fact]
    [Trait("Length", "Long")]
    public Task After_system_prune_the_release_before_is_missed_before_it_is_needed_and_fetched_again() => LosesAndFindsAgainAsync("system", "prune", "--all", "--force");

    [Fact]
    public async Task Pruned_while_a_bad_release_is_tried_the_last_known_good_one_is_fetched_for_the_way_back()
    {
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        var bad = await shop.PushAsync("v2", version => version.Answering(500));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        await engine.RunAsync("system", "prune", "--all", "--force");
        Assert.False((await shop.StatusAsync()).RollbackPossible);

        await shop.ExpectAsync("rolled-back", bad);

        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.True((await shop.AwaitStatusAsync("it is told", status => status.State == "rolled-back")).RollbackPossible);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Pruned_with_a_job_that_has_ended_the_job_is_put_back_with_its_image()
    {
        shop.MoreServices = $"job: {{ image: \"{shop.Image("job", "v1")}\" }}";
        await shop.PushImageAsync("job", "v1", "v1", mode: "job");
        var web = await shop.BeginWithAsync("v1");

        await engine.RunAsync("system", "prune", "--all", "--force"); // takes the container of the job, which has ended, and then its image

        await Wait.ForAsync("the job's container is back", TimeSpan.FromSeconds(60), shop.ContainersAsync, containers => containers.Any(container => container is { Service: "job", State: "exited", ExitCode: 0 }), Token);
        var status = await shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", RollbackPossible: true, Drift: null });
        Assert.Null(status.RollbackObstacle);
        Assert.Equal(web, (await shop.ContainerAsync("web")).Id);
    }

    private async Task LosesAndFindsAgainAsync(params string[] prune)
    {
        await shop.BeginWithAsync("v1");
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        Assert.True((await shop.StatusAsync()).RollbackPossible);
        var container = (await shop.ContainerAsync("web")).Id;

        // as long as the registry is away, the status says what is missing, and a rollback touches nothing
        await shop.Registry.StopAsync();
        await engine.RunAsync(prune);
        var status = await shop.AwaitStatusAsync("it is told", status => status.RollbackPossible == false && status.RollbackObstacle!.Contains("could not be fetched again", StringComparison.Ordinal));
        Assert.Contains($"of release #1 {shop.Registry.Host}/shop/web@sha256:", status.RollbackObstacle);
        Assert.Equal("healthy", status.State);
        await shop.Host.AwaitLineAsync("Going back to release #1 is not possible", cancellationToken: Token);
        Assert.Single(shop.Host.Journal, line => line.Contains("Going back to release #1 is not possible", StringComparison.Ordinal));
        var refused = await shop.RunAsync("rollback");
        Assert.True(refused.ExitCode == 5, refused.ToString());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal("web v2", await shop.AnswerAsync());

        // back again, it is asked without anybody's doing, and then the way back is open
        await shop.Registry.StartAgainAsync();
        Assert.Null((await shop.AwaitStatusAsync("the image is here again", status => status.RollbackPossible == true)).RollbackObstacle);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        await shop.Registry.StopAsync();
        var rollback = await shop.RunAsync("rollback");
        Assert.True(rollback.ExitCode == 0, rollback.ToString());
        Assert.Equal("web v1", await shop.AnswerAsync());
    }
}
