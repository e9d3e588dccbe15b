using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>A registry that misbehaves while the digest of a tag is asked for, or while an image is brought here. One that is down: see <see cref="OutageSpecs"/>.</summary>
public sealed class RegistryFaultSpecs(RegistryFaultSpecs.Fixture fixture) : IClassFixture<RegistryFaultSpecs.Fixture>
{
    private const int RetryAfter = 6;

    private static int version = 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Shop Shop => fixture.Shop;

    private FaultyFront Front => fixture.Front;

    [Fact]
    public async Task It_asks_to_come_back_later_and_is_not_asked_before()
    {
        var from = Front.Requests.Count;
        await DelaysAsync(new Fault.Status(429, RetryAfter) { Where = IsManifest }, "unavailable", async status =>
        {
            Assert.Contains("asks to come back later (429 Too Many Requests)", status.Message);
            status = await Shop.AwaitStatusAsync("the next check is planned", status => status.NextCheckAt > status.LastCheckAt);
            Assert.InRange(status.NextCheckAt!.Value - status.LastCheckAt!.Value, TimeSpan.FromSeconds(RetryAfter - 0.1), TimeSpan.FromSeconds((RetryAfter * 1.2) + 1));
            await Wait.ForAsync("it is asked again", TimeSpan.FromSeconds(30), () => Asked().Count, count => count > 1, Token);
            Assert.True(Asked()[1] - Asked()[0] > TimeSpan.FromSeconds(RetryAfter - 0.1), string.Join(", ", Asked()));
        });

        List<DateTimeOffset> Asked() => [.. Front.Requests.Skip(from).Where(IsManifest).Select(request => request.At)];
    }

    [Fact]
    public Task It_is_in_trouble() => DelaysAsync(new Fault.Status(503) { Where = IsManifest }, "unavailable", Says("503"));

    [Fact]
    public Task It_names_a_digest_that_it_does_not_have() =>
        DelaysAsync(new Fault.OtherDigest($"sha256:{new string('a', 64)}") { Where = request => IsManifest(request) && request.Method == "HEAD" }, "waiting", Says("does not have", "@sha256:aaaa"));

    [Fact]
    public Task A_manifest_is_damaged_on_the_way() => DelaysAsync(new Fault.Damage { Where = request => IsManifest(request) && request.Method == "GET" }, "unavailable", Says("could not pull"));

    [Fact]
    public Task A_layer_is_damaged_on_the_way() => DelaysAsync(new Fault.Damage { Where = IsBlob }, "unavailable", Says("could not pull"));

    /// <summary>The engine itself tries five times, with pauses that grow to 25 s, before it says so.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public Task A_layer_is_cut_off_again_and_again() => DelaysAsync(new Fault.CutOff(1000) { Where = IsBlob }, "unavailable", Says("could not pull"));

    /// <summary>Only one: the engine downloads three layers at a time, for all who ask it, and one that hangs takes a place.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public Task A_layer_stops_coming_for_a_minute()
    {
        var asked = 0;
        return DelaysAsync(new Fault.Silence { Where = request => IsBlob(request) && Interlocked.Increment(ref asked) == 1 }, "unavailable", Says("made no progress for 60 s"));
    }

    /// <summary>A registry that cuts off once is nobody's trouble: the engine goes on where it was.</summary>
    [Fact]
    public async Task A_layer_is_cut_off_once()
    {
        var fault = new Fault.CutOff(500_000, Times: 1) { Where = IsBlob };
        await DeploysAsync(fault);
        Assert.True(fault.Count > 1, $"{fault.Count} requests for the layer");
    }

    [Fact]
    public Task It_is_slow() => DeploysAsync(new Fault.Slow(400_000) { Where = IsBlob });

    private static bool IsManifest(FrontRequest request) => request.Path.Contains("/manifests/", StringComparison.Ordinal);

    private static bool IsBlob(FrontRequest request) => request.Path.Contains("/blobs/", StringComparison.Ordinal);

    private static Func<StatusView, Task> Says(params string[] words) => status =>
    {
        Assert.All(words, part => Assert.Contains(part, status.Message));
        return Task.CompletedTask;
    };

    /// <summary>While it lasts nothing is touched and the status says why; afterwards the commit is deployed by itself.</summary>
    private async Task DelaysAsync(Fault fault, string state, Func<StatusView, Task> whileItLasts)
    {
        var before = await Untouched.AsOfNowAsync(Shop);
        var (name, commit) = await CommitAsync();
        Front.Fault = fault;
        try
        {
            Shop.Repository.Push();
            await whileItLasts(await Shop.Host.AwaitStatusAsync(Shop.Stack, "it is told", status => status.State == state && status.Desired?.Commit == commit, TimeSpan.FromMinutes(3), Token));
            await before.ExpectAsync();
        }
        finally
        {
            Front.Fault = null;
        }

        await ExpectDeployedAsync(name, commit);
    }

    /// <summary>It takes longer, and that is all.</summary>
    private async Task DeploysAsync(Fault fault)
    {
        var before = await Untouched.AsOfNowAsync(Shop);
        var (name, commit) = await CommitAsync();
        Front.Fault = fault;
        try
        {
            Shop.Repository.Push();
            await Shop.AwaitStatusAsync("the image is being brought", status => status is { State: "deploying", Deployment.Steps: [.., { Step: "stage" }] });
            await before.ExpectAsync();
            await ExpectDeployedAsync(name, commit);
        }
        finally
        {
            Front.Fault = null;
        }
    }

    /// <summary>A version with layers that the host does not have.</summary>
    private async Task<(string Name, string Commit)> CommitAsync()
    {
        var name = $"v{Interlocked.Increment(ref version)}";
        return (name, await Shop.CommitAsync(name, bits => bits with { Padding = 1_000_000 }));
    }

    private async Task ExpectDeployedAsync(string name, string commit)
    {
        await Shop.ExpectAsync("committed", commit);
        Assert.Equal($"web {name}", await Shop.AnswerAsync());
        var status = await Shop.AwaitStatusAsync("all is well again", status => status is { State: "healthy", Trouble: null });
        Assert.Empty(status.Quarantined);
        Assert.Single(await Shop.TrialsAsync(), trial => trial.Commit == commit);
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal Shop Shop { get; private set; } = null!;

        internal FaultyFront Front { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Shop = await Shop.CreateAsync(health: "timeout: 15s\ninterval: 300ms\nsoak: 300ms");
            Shop.WebKeys = "stop_grace_period: 1s";
            Front = await FaultyFront.StartAsync($"http://{Shop.Registry.Host}");
            Shop.ImageHost = Front.Host;
            await Shop.BeginWithAsync("v1");
        }

        public async ValueTask DisposeAsync()
        {
            await Shop.DisposeAsync();
            await Front.DisposeAsync();
        }
    }
}
