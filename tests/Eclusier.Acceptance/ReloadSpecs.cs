using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A service with the label <c>eclusier.reload</c> is told by a signal that files it mounts have changed, and keeps its container.</summary>
public sealed class ReloadSpecs
{
    private const string Told = "labels: { eclusier.reload: SIGHUP }\nenvironment: { APP_LOADS: /web.conf }\nvolumes: ['./web.conf:/web.conf:ro']";

    [Fact]
    public async Task However_a_file_is_mounted_its_service_keeps_its_container_and_reads_the_new_one()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = Told;
        var service = $"image: '{shop.Image("web", "v1")}', stop_grace_period: 1s, labels: {{ eclusier.reload: HUP }}, environment: {{ APP_LOADS: /app.conf }}";
        shop.MoreServices = $$"""
            folder: { {{service.Replace("/app.conf", "/conf/app.conf")}}, volumes: ['./conf:/conf:ro'] }
            config: { {{service}}, configs: [{ source: app, target: /app.conf }] }
            secret: { {{service.Replace("/app.conf", "/run/secrets/app")}}, secrets: [app] }
            plain: { image: '{{shop.Image("web", "v1")}}', stop_grace_period: 1s, environment: { APP_LOADS: /app.conf }, volumes: ['./conf/app.conf:/app.conf:ro'] }
            """;
        shop.MoreSections = "configs: { app: { file: ./conf/app.conf } }\nsecrets: { app: { file: ./conf/app.conf } }";
        var first = await shop.PushAsync("v1", files: [("web.conf", "one\n"), ("conf/app.conf", "one\n")]);
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        Assert.Equal("0 one", await shop.AnswerAsync("/loaded"));
        Assert.Equal(0, await shop.Host.StopAsync());
        var before = await DockerCli.RunningIdsAsync(shop.Stack);

        var second = shop.Repository.Commit("Other files", ("web.conf", "two, and longer\n"), ("conf/app.conf", "two\n"));
        var plan = (await shop.RunAsync("plan")).Output;
        Assert.Matches(@"~ +web +signal SIGHUP +mounted web.conf changed", plan);
        Assert.Matches(@"~ +secret +signal SIGHUP +secret app changed", plan);
        Assert.Matches(@"~ +plain +recreate +mounted conf/app.conf changed", plan);
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", second);

        var after = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(["plain"], before.Keys.Where(name => before[name] != after[name]));
        Assert.Equal("1 two, and longer", await shop.AnswerAsync("/loaded"));
        foreach (var name in new[] { "folder", "config", "secret" })
        {
            await Wait.ForAsync($"{name} has read it", TimeSpan.FromSeconds(10), () => DockerCli.RunAsync("logs", after[name]), log => log.Contains("loaded 1 'two'", StringComparison.Ordinal), Token);
        }

        // a commit that changes none of them, and looks at the host, tell nobody anything
        await shop.ExpectAsync("committed", shop.Repository.Commit("Another label", ("compose.yaml", shop.Compose("v1").Replace("plain: {", "plain: { labels: { colour: red },"))));
        await shop.PollsAsync(1);
        Assert.Equal("1 two, and longer", await shop.AnswerAsync("/loaded"));
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
        Assert.Equal("", GitRepository.GitIn(shop.WorkTree, "status", "--porcelain"));
    }

    [Fact]
    public async Task Bad_content_is_taken_back_by_a_signal()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 8s\ninterval: 500ms\nsoak: 1s");
        shop.WebKeys = Told;
        var first = await shop.PushAsync("v1", files: ("web.conf", "good\n"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        var container = await shop.ContainerAsync("web");

        var second = await shop.ExpectAsync("rolled-back", shop.Repository.Commit("Bad content", ("web.conf", "bad\n")));

        Assert.Equal("2 good", await shop.AnswerAsync("/loaded"));
        Assert.Equal(container.Id, (await shop.ContainerAsync("web")).Id);
        Assert.Equal("good\n", File.ReadAllText(Path.Combine(shop.WorkTree, "web.conf")));
        Assert.Equal([second.Release!.Value], (await shop.HistoryAsync()).Releases.Where(release => release.QuarantinedAt is not null).Select(release => release.Number));
        await shop.PollsAsync(1);

        await shop.ExpectAsync("committed", shop.Repository.Commit("Better content", ("web.conf", "better\n")));
        Assert.Equal("3 better", await shop.AnswerAsync("/loaded"));
        Assert.Equal(container.Id, (await shop.ContainerAsync("web")).Id);
    }

    [Theory]
    [InlineData("work-tree.move.after")]
    [InlineData("compose.up.after")]
    public async Task A_dead_agents_signal_is_sent_by_the_next_one(string point)
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = Told;
        var first = await shop.PushAsync("v1", files: ("web.conf", "one\n"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        var container = await shop.ContainerAsync("web");
        Assert.Equal(0, await shop.Host.StopAsync());

        shop.Host.Environment["ECLUSIER_CRASH_AT"] = point;
        await shop.Host.StartAsync();
        var second = shop.Repository.Commit("Other content", ("web.conf", "two\n"));
        await Wait.ForAsync("the agent is dead", TimeSpan.FromSeconds(30), () => shop.Host.IsRunning, isRunning => !isRunning, Token);
        Assert.Equal("0 one", await shop.AnswerAsync("/loaded"));
        Assert.Equal("two\n", File.ReadAllText(Path.Combine(shop.WorkTree, "web.conf")));
        shop.Host.Environment.Remove("ECLUSIER_CRASH_AT");
        await shop.Host.StartAsync();

        await shop.ExpectAsync("committed", second);
        Assert.Equal("1 two", await shop.AnswerAsync("/loaded"));
        Assert.Equal(container.Id, (await shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task Who_mounts_a_file_that_somebody_replaced_is_recreated()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = Told;
        var first = await shop.PushAsync("v1", files: ("web.conf", "one\n"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        var container = await shop.ContainerAsync("web");

        // as editors do it; a container goes on seeing the file that it has mounted
        var file = Path.Combine(shop.WorkTree, "web.conf");
        File.WriteAllText(file + ".new", "edited\n");
        File.Move(file + ".new", file, overwrite: true);
        var healed = await Wait.ForAsync("it is put right", TimeSpan.FromSeconds(30), shop.HistoryAsync, history => history.Deployments[0] is { Cause: "drift", Result: "committed" }, Token);

        Assert.Equal(2, healed.Deployments.Count);
        Assert.NotEqual(container.Id, (await shop.ContainerAsync("web")).Id);
        await shop.ExpectAsync("committed", shop.Repository.Commit("Other content", ("web.conf", "two\n")));
        Assert.Equal("1 two", await shop.AnswerAsync("/loaded"));
    }

    [Fact]
    public async Task A_signal_that_there_is_not_is_turned_down()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = Told;
        await shop.StartAsync();
        await shop.ExpectAsync("committed", await shop.PushAsync("v1", files: ("web.conf", "one\n")));

        shop.WebKeys = Told.Replace("SIGHUP", "SIGHOP");
        await shop.ExpectRejectedAsync(() => shop.Repository.Commit("A slip", ("compose.yaml", shop.Compose("v1"))), "compose.yaml", "service web", "'SIGHOP'", "SIGHUP");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
