using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>Somebody lays hands on the project's containers while a release is at the health gate: that says nothing of the release.</summary>
public sealed class ContainerFaultSpecs(ContainerFaultSpecs.Fixture fixture) : IClassFixture<ContainerFaultSpecs.Fixture>
{
    private static int version = 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Shop Shop => fixture.Shop;

    [Fact]
    public async Task A_container_is_removed_at_the_gate()
    {
        var (name, commit) = await AtTheGateAsync();
        var first = (await Shop.ContainerAsync("web")).Id;
        await DockerCli.RunAsync("rm", "--force", first);

        await ExpectCommittedAsync(name, commit);
        Assert.NotEqual(first, (await Shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task A_container_is_renamed_at_the_gate()
    {
        var (name, commit) = await AtTheGateAsync();
        var container = (await Shop.ContainerAsync("web")).Id;
        await DockerCli.RunAsync("rename", container, $"{Shop.Stack}-mine");

        await ExpectCommittedAsync(name, commit);
        Assert.Equal(container, (await Shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task A_container_of_a_bad_release_is_removed_at_the_gate()
    {
        var good = (await Shop.StatusAsync()).LastKnownGood!;
        var before = await Shop.AnswerAsync();
        var (_, commit) = await AtTheGateAsync(bits => bits.With("health", "500"));
        await DockerCli.RunAsync("rm", "--force", (await Shop.ContainerAsync("web")).Id);

        await Shop.ExpectAsync("rolled-back", commit);
        Assert.Equal(before, await Shop.AnswerAsync());
        Assert.Equal(good.Number, (await Shop.StatusAsync()).LastKnownGood?.Number);
        Assert.Equal("running", (await Shop.ContainerAsync("web")).State);
    }

    /// <summary>A version that takes a while to come up is being looked at.</summary>
    private async Task<(string Name, string Commit)> AtTheGateAsync(Func<Behaviour, Behaviour>? bits = null)
    {
        var name = $"v{Interlocked.Increment(ref version)}";
        var from = Shop.Host.Journal.Count;
        var commit = await Shop.PushAsync(name, behaviour => (bits?.Invoke(behaviour) ?? behaviour).With("start_delay", "3"));
        await Shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        return (name, commit);
    }

    private async Task ExpectCommittedAsync(string name, string commit)
    {
        await Shop.ExpectAsync("committed", commit);
        Assert.Equal($"web {name}", await Shop.AnswerAsync());
        Assert.DoesNotContain((await Shop.StatusAsync()).Quarantined, release => release.Commit == commit);
        await Wait.ForAsync("it has its name", TimeSpan.FromSeconds(60), async () => (await Shop.ContainerAsync("web")).Name, it => it == $"{Shop.Stack}-web-1", Token);
        await Shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", Drift: null, Deployment: null });
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal Shop Shop { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Shop = await Shop.CreateAsync(health: "timeout: 12s\ninterval: 300ms\nsoak: 1s");
            Shop.WebKeys = "stop_grace_period: 1s";
            await Shop.BeginWithAsync("v1");
        }

        public ValueTask DisposeAsync() => Shop.DisposeAsync();
    }
}
