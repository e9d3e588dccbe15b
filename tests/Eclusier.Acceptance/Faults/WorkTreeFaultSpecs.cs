using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>Somebody deletes the stack's work tree: what runs goes on, and the files come back, also for the containers that mount them.</summary>
public sealed class WorkTreeFaultSpecs(WorkTreeFaultSpecs.Fixture fixture) : IClassFixture<WorkTreeFaultSpecs.Fixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Shop Shop => fixture.Shop;

    [Fact]
    public async Task At_rest_it_is_put_back()
    {
        await Shop.ExpectAsync("committed", await PushAsync("one"));
        var cache = (await Shop.ContainerAsync("cache")).Id;
        Directory.Delete(Shop.WorkTree, recursive: true);

        await Wait.ForAsync("the files are back", TimeSpan.FromMinutes(1), () => File.Exists(WebConf), isBack => isBack, Token);
        await Shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", Drift: null, Deployment: null });
        Assert.Equal("", GitRepository.GitIn(Shop.WorkTree, "status", "--porcelain"));
        Assert.Equal(cache, (await Shop.ContainerAsync("cache")).Id); // it mounts nothing
        Assert.Equal("one", await Shop.AnswerAsync("/config"));

        // what mounts a file sees the next edit of it as well
        Assert.Equal("two", await DeployedAsync("two"));
    }

    [Fact]
    public async Task Before_a_commit_it_is_made_anew_with_the_commit()
    {
        await Shop.Host.StopAsync();
        Directory.Delete(Shop.WorkTree, recursive: true);
        await Shop.Host.StartAsync();

        Assert.Equal("three", await DeployedAsync("three"));
    }

    [Fact]
    public async Task Without_its_git_folder_it_is_a_work_tree_again()
    {
        await Shop.ExpectAsync("committed", await PushAsync("four"));
        Directory.Delete(Path.Combine(Shop.WorkTree, ".git"), recursive: true);

        await Wait.ForAsync("it is at its commit again", TimeSpan.FromMinutes(1), Shop.Head, head => head == Shop.Repository.Head, Token);
        await Shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", Drift: null, Deployment: null });
        Assert.Equal("five", await DeployedAsync("five"));
        Assert.Equal(Shop.Repository.Head, Shop.Head());
    }

    [Fact]
    public async Task At_the_gate_of_a_bad_release_the_way_back_makes_it_anew()
    {
        var good = await PushAsync("six");
        await Shop.ExpectAsync("committed", good);
        var from = Shop.Host.Journal.Count;
        var bad = await PushAsync("bad", version => version.With("health", "500"));
        await Shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        Directory.Delete(Shop.WorkTree, recursive: true);

        await Shop.ExpectAsync("rolled-back", bad);

        Assert.Equal("six", await Shop.AnswerAsync("/config"));
        Assert.Equal(good, Shop.Head());
        Assert.Equal("", GitRepository.GitIn(Shop.WorkTree, "status", "--porcelain"));
    }

    private string WebConf => Path.Combine(Shop.WorkTree, "conf", "web.conf");

    private Task<string> PushAsync(string text, Func<Behaviour, Behaviour>? bits = null) => Shop.PushAsync(bits is null ? "v1" : "v2", bits, ("conf/web.conf", text + "\n"));

    private async Task<string> DeployedAsync(string text)
    {
        var commit = await PushAsync(text);
        await Shop.ExpectAsync("committed", commit);
        Assert.Equal(commit, Shop.Head());
        return await Shop.AnswerAsync("/config");
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal Shop Shop { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Shop = await Shop.CreateAsync(health: "timeout: 12s\ninterval: 300ms\nsoak: 300ms");
            Shop.WebKeys = "stop_grace_period: 1s\nvolumes: [\"./conf:/conf:ro\"]\nenvironment: { APP_CONFIG: /conf/web.conf }";
            Shop.MoreServices = $"cache: {{ image: \"{Shop.Image("web", "v1")}\", stop_grace_period: 1s }}";
            await Shop.PushAsync("v1", files: ("conf/web.conf", "zero\n"));
            await Shop.Host.StartAsync();
            await Shop.ExpectAsync("committed", Shop.Repository.Head);
        }

        public ValueTask DisposeAsync() => Shop.DisposeAsync();
    }
}
