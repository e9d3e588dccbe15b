using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Nothing changes: then nothing is asked, read or written, and what happens is seen all the same. On an engine of the test's own, where nobody else does anything.</summary>
public sealed class IdleSpecs : IAsyncLifetime
{
    private const int Polls = 5;

    private PrivateEngine engine = null!;
    private EngineRelay relay = null!;
    private Shop shop = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start an engine");
        engine = await PrivateEngine.StartAsync();
        relay = EngineRelay.Start(engine.Endpoint);
        shop = await Shop.CreateAsync(); // it polls each second
        shop.Engine = relay.Endpoint;
        shop.WebKeys = "stop_grace_period: 1s";
        await shop.BeginWithAsync("v1");
    }

    public async ValueTask DisposeAsync()
    {
        if (shop is not null)
        {
            await shop.DisposeAsync();
        }

        if (relay is not null)
        {
            await relay.DisposeAsync();
        }

        if (engine is not null)
        {
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_poll_asks_the_engine_nothing_and_leaves_the_disk_alone()
    {
        await PollsAsync();
        var database = Path.Combine(shop.Host.StateDirectory, "eclusier.db-wal");
        var (requests, written) = (relay.Requests, File.GetLastWriteTimeUtc(database));

        await PollsAsync();

        Assert.Equal((requests, written), (relay.Requests, File.GetLastWriteTimeUtc(database)));
        Assert.InRange((await shop.StatusAsync()).LastCheckAt!.Value, DateTimeOffset.UtcNow.AddSeconds(-10), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task What_happened_while_the_engine_was_not_heard_is_seen_when_it_is_heard_again()
    {
        await PollsAsync();
        relay.Stop();
        await engine.RunAsync("rm", "--force", (await DockerCli.ContainersAsync(shop.Stack, engine.Endpoint)).Single().Id);
        relay.StartAgain();

        await Wait.ForAsync("the container is back", TimeSpan.FromSeconds(60), () => DockerCli.ContainersAsync(shop.Stack, engine.Endpoint), containers => containers.Count > 0, Token);
    }

    /// <summary>Some whole polls.</summary>
    private async Task PollsAsync()
    {
        int Count() => shop.Host.Journal.Count(line => line.Contains("Checking for updates", StringComparison.Ordinal));
        var from = Count();
        await Wait.ForAsync($"{Polls} polls are over", TimeSpan.FromSeconds(60), () => Task.FromResult(Count()), count => count > from + Polls, Token);
    }
}
