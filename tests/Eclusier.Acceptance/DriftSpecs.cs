using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The host leaves the release without a git change. The poll is an hour away in most of these: it is the engine's events that tell.</summary>
public sealed class DriftSpecs
{
    private const string Health = "timeout: 20s\ninterval: 300ms\nsoak: 300ms";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The tour: one thing after another that a person may do to a stack of three services, none of which has a restart policy.</summary>
    [Fact]
    public async Task What_a_person_does_to_the_containers_is_put_right()
    {
        await using var shop = await CreateAsync();
        shop.WebKeys = "volumes: [\"./web.conf:/config:ro\"]";
        shop.MoreServices = $"cache: {{ image: \"{shop.Image("web", "v1")}\", networks: [back] }}\njob: {{ image: \"{shop.Image("job", "v1")}\" }}";
        shop.MoreSections = "networks: { back: {} }";
        await shop.PushImageAsync("job", "v1", "v1", mode: "job");
        var commit = await shop.PushAsync("v1", files: ("web.conf", "one\n"));
        await shop.Host.StartAsync();
        var last = await shop.ExpectAsync("committed", commit);
        Assert.Equal("exited", (await shop.ContainerAsync("job")).State); // a job that did its work is no drift

        // removed: the service is not set to restart
        var cache = (await shop.ContainerAsync("cache")).Id;
        await DockerCli.RunAsync("rm", "--force", (await shop.ContainerAsync("web")).Id);
        last = await HealedAsync(last, "service web has 0 of 1 containers");
        Assert.Equal(("web v1", "one"), (await shop.AnswerAsync(), await shop.AnswerAsync("/config")));
        Assert.Equal(cache, (await shop.ContainerAsync("cache")).Id);

        // stopped with `docker stop`
        await DockerCli.RunAsync("stop", "--time", "5", (await shop.ContainerAsync("web")).Id);
        last = await HealedAsync(last, $"container {shop.Stack}-web-1 is stopped");
        Assert.Equal("web v1", await shop.AnswerAsync());

        // renamed and paused, which does not end it; and the other's network is gone, which keeps it from starting
        var web = (await shop.ContainerAsync("web")).Id;
        await DockerCli.RunAsync("stop", "--time", "0", cache);
        await DockerCli.RunAsync("network", "rm", $"{shop.Stack}_back");
        await DockerCli.RunAsync("rename", web, $"{shop.Stack}-mine");
        await DockerCli.RunAsync("pause", web);
        last = await HealedAsync(last, $"container {shop.Stack}-mine should be called {shop.Stack}-web-1", $"container {shop.Stack}-cache-1 is stopped", $"network {shop.Stack}_back is gone");
        var same = await shop.ContainerAsync("web");
        Assert.Equal((web, $"{shop.Stack}-web-1", "running"), (same.Id, same.Name, same.State));
        Assert.Equal("running", (await shop.ContainerAsync("cache")).State);
        Assert.Contains($"{shop.Stack}_back", await DockerCli.RunAsync("inspect", "--format", "{{json .NetworkSettings.Networks}}", $"{shop.Stack}-cache-1"));

        var status = await shop.AwaitStatusAsync("all is well", status => status is { State: "healthy", Drift: null });
        Assert.Equal(last.Release, status.LastKnownGood?.Number);
        Assert.All((await shop.HistoryAsync()).Deployments.SkipLast(1), deployment => Assert.Equal("drift", deployment.Cause));

        async Task<DeploymentView> HealedAsync(DeploymentView before, params string[] details)
        {
            var healing = await shop.ExpectAsync("committed", commit, after: before.Id);
            Assert.Equal("drift", healing.Cause);
            Assert.All(details, detail => Assert.Contains(detail, healing.CauseDetail));
            Assert.Equal(before.Release, healing.Release);
            return healing;
        }
    }

    [Fact]
    public async Task Another_container_under_the_projects_name_is_replaced_and_one_too_many_removed()
    {
        await using var shop = await CreateAsync();
        var first = await BeginAsync(shop);
        await File.WriteAllTextAsync(Path.Combine(shop.Host.Folder, "other.yaml"), shop.Compose("v1").Replace("ports:", "environment: { A: b }\n    ports:", StringComparison.Ordinal) + $"  extra:\n    image: {shop.Image("web", "v1")}\n", Token);

        // somebody runs another file under the same project, with one service more
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", shop.Stack, "--file", Path.Combine(shop.Host.Folder, "other.yaml"), "up", "--detach", "--quiet-pull"], cancellationToken: Token)).Succeeded();
        var healing = await shop.ExpectAsync("committed", first.Commit, after: first.Id);

        Assert.Equal("drift", healing.Cause);
        Assert.Contains("another definition", healing.CauseDetail);
        var container = Assert.Single(await shop.ContainersAsync());
        Assert.Equal("web", container.Service);
        Assert.Equal("web v1", await shop.AnswerAsync());
    }

    [Fact]
    public async Task An_edited_file_is_saved_and_put_back_and_what_mounts_it_sees_it()
    {
        await using var shop = await CreateAsync("", interval: "1s");
        shop.WebKeys = "volumes: [\"./web.conf:/config:ro\"]";
        shop.MoreServices = $"cache: {{ image: \"{shop.Image("web", "v1")}\" }}";
        var first = await BeginAsync(shop, ("web.conf", "one\n"));
        var cache = (await shop.ContainerAsync("cache")).Id;
        var file = Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "work", "web.conf");

        await File.AppendAllTextAsync(file, "edited on the host\n", Token); // in place: the container sees it
        var healing = await shop.ExpectAsync("committed", first.Commit, after: first.Id);

        Assert.Contains("web.conf", healing.CauseDetail);
        Assert.Equal("one", await shop.AnswerAsync("/config"));
        Assert.Equal(cache, (await shop.ContainerAsync("cache")).Id);
        var patch = Assert.Single(Directory.GetFiles(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "local-changes")));
        Assert.Contains("+edited on the host", await File.ReadAllTextAsync(patch, Token));
    }

    [Fact]
    public async Task Report_says_it_once_and_a_suspended_stack_is_left_alone()
    {
        await using var shop = await CreateAsync("drift: report");
        await BeginAsync(shop);
        var web = (await shop.ContainerAsync("web")).Id;

        await DockerCli.RunAsync("stop", "--time", "0", web);
        var status = await shop.AwaitStatusAsync("the drift is told", status => status.State == "drifted");

        Assert.Contains($"container {shop.Stack}-web-1 is stopped", status.Drift?.Message);
        Assert.Single((await shop.HistoryAsync()).Deployments);
        Assert.Single(shop.Host.Journal, line => line.Contains("Drift: the host left release #1", StringComparison.Ordinal));

        // under `heal`, suspended: as before; resumed: put right
        await shop.Host.StopAsync();
        Configure(shop, "drift: heal", "1h");
        Assert.Equal(0, (await shop.RunAsync("suspend", "--reason", "maintenance")).ExitCode);
        await shop.Host.StartAsync();
        await Wait.ForAsync("a look is over", TimeSpan.FromSeconds(30), () => shop.Host.Journal.Count(line => line.Contains("suspended: maintenance", StringComparison.Ordinal)), count => count > 0, Token);
        Assert.Equal("exited", (await shop.ContainerAsync("web")).State);
        Assert.Equal(0, (await shop.RunAsync("resume")).ExitCode);
        await Wait.ForAsync("it runs again", TimeSpan.FromSeconds(60), async () => (await shop.ContainersAsync()).Single().State, state => state == "running", Token);
        Assert.Equal(web, (await shop.ContainerAsync("web")).Id);
    }

    [Fact]
    public async Task A_container_that_keeps_dying_is_a_failure_and_no_loop()
    {
        await using var shop = await CreateAsync();
        shop.MoreServices = $"frail: {{ image: \"{shop.Image("frail", "v1")}\", environment: {{ NAME: frail }} }}";
        await shop.PushImageAsync("frail", "v1", "v1");
        var first = await BeginAsync(shop);

        var heals = 0;
        var last = first;
        for (var time = 0; time < 3; time++)
        {
            await DockerCli.RunAsync("kill", $"{shop.Stack}-frail-1");
            last = await shop.ExpectAsync("committed", first.Commit, after: last.Id);
            heals++;
        }

        await DockerCli.RunAsync("kill", $"{shop.Stack}-frail-1");
        var status = await shop.AwaitStatusAsync("it is told", status => status.State == "drifted");
        await Wait.ForAsync("it is said to be a failure", TimeSpan.FromSeconds(30), () => shop.Host.Journal.Count(line => line.Contains("was put right 3 times in a row and does not stay so", StringComparison.Ordinal)), count => count == 1, Token);
        Assert.Contains("frail-1 is stopped (exit code 137)", status.Message);
        Assert.Equal(heals + 1, (await shop.HistoryAsync()).Deployments.Count);
    }

    private static async Task<Shop> CreateAsync(string settings = "", string interval = "1h")
    {
        var shop = await Shop.CreateAsync(health: Health);
        Configure(shop, settings, interval);
        return shop;
    }

    private static void Configure(Shop shop, string settings, string interval) => shop.Configure($"interval: {interval}\n{settings}", Health);

    private static async Task<DeploymentView> BeginAsync(Shop shop, params (string Path, string Content)[] files)
    {
        var commit = await shop.PushAsync("v1", files: files);
        await shop.Host.StartAsync();
        return await shop.ExpectAsync("committed", commit);
    }
}
