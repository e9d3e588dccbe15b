using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What a good commit changes on the host, and what it leaves alone.</summary>
public sealed class GoodReleaseSpecs
{
    [Fact]
    public async Task A_good_commit_is_deployed_and_committed_as_last_known_good()
    {
        await using var shop = await Shop.CreateAsync();
        var first = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        Assert.Equal("web v1", await shop.AnswerAsync());

        var second = await shop.PushAsync("v2");
        var deployment = await shop.ExpectAsync("committed", second);

        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Equal(["fetch", "render", "lock", "stage", "apply", "health-gate", "soak"], deployment.Steps.Select(step => step.Step));
        Assert.All(deployment.Steps, step => Assert.True(step is { Succeeded: true, Seconds: >= 0 }, step.ToString()));
        var status = await shop.StatusAsync();
        Assert.Equal(("healthy", second, second), (status.State, status.LastKnownGood?.Commit, status.Running?.Commit));
        Assert.True(status.RollbackPossible);
        Assert.Equal(shop.Compose("v2"), await File.ReadAllTextAsync(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "work", "compose.yaml"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_commit_that_only_changes_a_mounted_file_recreates_only_the_service_that_uses_it()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "volumes: [\"./web.conf:/config:ro\"]";
        shop.MoreServices = $"worker: {{ image: {shop.Image("worker", "v1")} }}";
        await shop.PushImageAsync("worker", "v1", "v1", mode: "worker");
        await shop.ExpectAsync("committed", await StartWithAsync(shop, "v1", ("web.conf", "colour=red\n")));
        Assert.Equal("colour=red", await shop.AnswerAsync("/config"));
        var before = await DockerCli.RunningIdsAsync(shop.Stack);

        await shop.ExpectAsync("committed", shop.Repository.Commit("Paint it blue", ("web.conf", "colour=blue\n")));

        Assert.Equal("colour=blue", await shop.AnswerAsync("/config"));
        var after = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.NotEqual(before["web"], after["web"]);
        Assert.Equal(before["worker"], after["worker"]);
    }

    [Fact]
    public async Task A_commit_that_changes_nothing_for_the_stack_deploys_nothing_and_says_so()
    {
        await using var shop = await Shop.CreateAsync();
        var first = await StartWithAsync(shop, "v1", ("README.md", "# Shop\n"));
        await shop.ExpectAsync("committed", first);
        var before = await shop.ContainersAsync();

        var second = shop.Repository.Commit("Say more", ("README.md", "# Shop\n\nWe sell.\n"));
        var deployment = await shop.ExpectAsync("up-to-date", second);

        Assert.Contains("changes nothing for this stack: release #1 stays", deployment.Reason);
        Assert.DoesNotContain(deployment.Steps, step => step.Step is "stage" or "apply");
        Assert.Equal(before.Select(container => container.Id), (await shop.ContainersAsync()).Select(container => container.Id));
        var status = await shop.StatusAsync();
        Assert.Equal(("healthy", first, second), (status.State, status.LastKnownGood?.Commit, status.Desired?.Commit));
        var command = await shop.Host.RunAsync("deploy", shop.Stack);
        Assert.True(command.ExitCode == 0 && command.Output.Contains("up-to-date", StringComparison.Ordinal), command.ToString());
    }

    [Fact]
    public async Task A_service_that_a_commit_removes_goes_and_its_named_volume_stays_with_its_content()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "volumes: [\"sales:/data\"]\nenvironment: { APP_CONFIG: /data/sales }";
        shop.MoreServices = $"stock: {{ image: {shop.Image("stock", "v1")}, volumes: [\"stock:/data\"] }}";
        shop.MoreSections = "volumes: { sales: {}, stock: {} }";
        await shop.PushImageAsync("stock", "v1", "v1", mode: "worker");
        await shop.ExpectAsync("committed", await StartWithAsync(shop, "v1"));
        await WriteAsync(shop, "web", "sales", "17 lamps\n");
        await WriteAsync(shop, "stock", "stock", "3 lamps\n");
        Assert.Equal("17 lamps", await shop.AnswerAsync("/config"));

        (shop.MoreServices, shop.MoreSections) = ("", "volumes: { sales: {} }");
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));

        Assert.Equal(["web"], (await shop.ContainersAsync()).Select(container => container.Service));
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Equal("17 lamps", await shop.AnswerAsync("/config"));
        Assert.Contains($"{shop.Stack}_stock", await DockerCli.RunAsync("volume", "ls", "--quiet"));

        // a bad release and the way back do not touch them either
        await shop.ExpectAsync("rolled-back", await shop.PushAsync("v3", version => version.Crashing()));
        Assert.Equal("17 lamps", await shop.AnswerAsync("/config"));

        shop.MoreServices = $"stock: {{ image: {shop.Image("stock", "v1")}, volumes: [\"stock:/data\"] }}";
        shop.MoreSections = "volumes: { sales: {}, stock: {} }";
        await shop.ExpectAsync("committed", await shop.PushAsync("v4"));
        var file = Path.Combine(shop.Host.Folder, "read");
        await DockerCli.RunAsync("cp", $"{(await shop.ContainerAsync("stock")).Id}:/data/stock", file);
        Assert.Equal("3 lamps\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static async Task<string> StartWithAsync(Shop shop, string version, params (string, string)[] files)
    {
        var commit = await shop.PushAsync(version, files: files);
        await shop.Host.StartAsync();
        return commit;
    }

    private static async Task WriteAsync(Shop shop, string service, string name, string content)
    {
        var file = Path.Combine(shop.Host.Folder, name);
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        await DockerCli.RunAsync("cp", file, $"{(await shop.ContainerAsync(service)).Id}:/data/{name}");
    }
}
