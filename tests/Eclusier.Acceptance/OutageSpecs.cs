using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What Eclusier depends on is away: it says so, touches nothing, and goes on by itself.</summary>
public sealed class OutageSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(500, "unavailable", 5)]
    [InlineData(503, "unavailable", 5)]
    [InlineData(401, "rejected", 1)] // a person has to look at the credentials
    public async Task A_git_server_that_answers_with_an_error_delays_the_release(int status, string state, int exitCode)
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        shop.Configure($"repository: {git.UrlOf(shop.Repository)}");
        await shop.BeginWithAsync("v1");

        git.FailWith = status;
        var commit = await shop.PushAsync("v2");
        await AssertAwayAsync(shop, state, git.Url);
        var deploy = await shop.RunAsync("deploy");
        Assert.True(deploy.ExitCode == exitCode, deploy.ToString());
        Assert.Contains(git.Url, deploy.Output + deploy.Error);
        git.FailWith = null;

        await AssertBackAsync(shop, commit);
    }

    [Fact]
    public async Task A_git_server_that_is_down_delays_the_release()
    {
        await using var shop = await Shop.CreateAsync();
        var root = Path.Combine(shop.Host.Folder, "git");
        int port;
        await using (var git = await GitHttpServer.StartAsync(root))
        {
            port = new Uri(git.Url).Port;
            shop.Configure($"repository: {git.UrlOf(shop.Repository)}");
            await shop.BeginWithAsync("v1");
        }

        var commit = await shop.PushAsync("v2");
        await AssertAwayAsync(shop, "unavailable", $"127.0.0.1:{port}");

        await using var again = await GitHttpServer.StartAsync(root, port);
        await AssertBackAsync(shop, commit);
    }

    [Fact]
    public async Task A_git_server_that_hangs_delays_the_release()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        shop.Configure($"repository: {git.UrlOf(shop.Repository)}");
        var container = await shop.BeginWithAsync("v1");

        git.Hangs = true;
        var commit = await shop.PushAsync("v2");
        var status = await shop.AwaitStatusAsync("the server counts as hanging", status => status.State == "unavailable");
        git.Hangs = false;

        Assert.Contains(git.Url, status.Message);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        await AssertBackAsync(shop, commit);
    }

    [Fact]
    public async Task A_registry_that_is_down_delays_the_release()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");

        var commit = await shop.PushAsync("v2");
        await shop.ExpectAsync("committed", commit);
        commit = await shop.CommitAsync("v3");
        await shop.Registry.StopAsync();
        shop.Repository.Push();
        await AssertAwayAsync(shop, "unavailable", shop.Registry.Host, answer: "web v2");
        var deploy = await shop.RunAsync("deploy");
        Assert.True(deploy.ExitCode == 5, deploy.ToString());
        await shop.Registry.StartAgainAsync();

        await AssertBackAsync(shop, commit, "web v3");
    }

    [Fact]
    public async Task An_engine_that_is_away_before_a_deployment_delays_the_release()
    {
        await using var shop = await Shop.CreateAsync();
        await using var engine = EngineRelay.Start();
        shop.Host.Environment["DOCKER_HOST"] = engine.Endpoint;
        await shop.BeginWithAsync("v1");

        engine.Stop();
        var commit = await shop.PushAsync("v2");
        await AssertAwayAsync(shop, "unavailable", engine.Path);
        engine.StartAgain();

        await AssertBackAsync(shop, commit);
    }

    [Fact]
    public async Task An_engine_that_hangs_before_a_deployment_delays_the_release()
    {
        await using var shop = await Shop.CreateAsync();
        await using var engine = EngineRelay.Start();
        shop.Host.Environment["DOCKER_HOST"] = engine.Endpoint;
        var container = await shop.BeginWithAsync("v1");

        engine.Freeze();
        var commit = await shop.PushAsync("v2");
        var status = await shop.AwaitStatusAsync("the engine counts as hanging", status => status.State == "unavailable" && status.Trouble is not null);
        engine.Thaw();

        Assert.Contains("Docker Engine", status.Message);
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        await AssertBackAsync(shop, commit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_engine_that_is_away_during_the_health_gate_stops_its_clock(bool hangs)
    {
        // the release is healthy 9 s after the engine came back, and only the time before and after counts
        const int Away = 18;
        await using var shop = await Shop.CreateAsync(health: "timeout: 15s\ninterval: 500ms\nsoak: 1s");
        await using var engine = EngineRelay.Start();
        shop.Host.Environment["DOCKER_HOST"] = engine.Endpoint;
        await shop.BeginWithAsync("v1");

        var from = shop.Host.Journal.Count;
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", $"{Away + 7}"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        if (hangs)
        {
            engine.Freeze();
        }
        else
        {
            engine.Stop();
        }

        await Task.Delay(TimeSpan.FromSeconds(Away), Token); // longer than the gate may take
        if (hangs)
        {
            engine.Thaw();
        }
        else
        {
            engine.StartAgain();
        }

        var deployment = await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Contains(shop.Host.Journal, line => line.Contains("the clock of the health gate stands still", StringComparison.Ordinal));
        Assert.DoesNotContain(deployment.Steps, step => step.Step == "roll-back");
        Assert.Empty((await shop.StatusAsync()).Quarantined);
    }

    /// <summary>While it lasts: the state says so, since when and how often it was tried, and the host is as it was.</summary>
    private static async Task AssertAwayAsync(Shop shop, string state, string names, string answer = "web v1")
    {
        var container = (await shop.ContainerAsync("web")).Id;
        var tree = shop.AppliedCompose();
        var first = await shop.AwaitStatusAsync($"it is {state}", status => status.State == state && status.Trouble is not null);
        var later = await shop.AwaitStatusAsync("it was tried again, twice", status => status.Trouble?.Attempts >= first.Trouble!.Attempts + 2);

        Assert.Equal(state, later.State);
        Assert.Equal(first.Trouble!.Since, later.Trouble!.Since);
        Assert.Contains(names, later.Message);
        Assert.Equal(answer, await shop.AnswerAsync());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);
        Assert.Equal(tree, shop.AppliedCompose());
        Assert.Empty(later.Quarantined);
        Assert.Single(shop.Host.Journal, line => line.Contains(later.Message, StringComparison.Ordinal) && !line.Contains("Step", StringComparison.Ordinal)); // told once, not each time
    }

    private static async Task AssertBackAsync(Shop shop, string commit, string answer = "web v2")
    {
        await shop.ExpectAsync("committed", commit);
        Assert.Equal(answer, await shop.AnswerAsync());
        var status = await shop.AwaitStatusAsync("all is well again", status => status.State == "healthy");
        Assert.Null(status.Trouble);
        Assert.Single((await shop.HistoryAsync()).Deployments, deployment => deployment.Commit == commit && deployment.Result is not "up-to-date" and not "interrupted");
    }
}
