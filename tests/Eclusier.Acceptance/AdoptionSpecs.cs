using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The first deployment over a project that somebody started with <c>docker compose up</c>, and over nothing at all.</summary>
public sealed class AdoptionSpecs
{
    private const string Health = "timeout: 5s\ninterval: 300ms\nsoak: 500ms";

    [Fact]
    public async Task A_clone_that_runs_already_is_taken_over_as_release_0_and_gone_back_to()
    {
        await using var shop = await Shop.CreateAsync(health: Health);
        var clone = Path.Combine(shop.Host.Folder, "live");
        shop.Configure($"checkout: {clone}", Health);
        shop.WebKeys = "environment: { COLOUR: \"${COLOUR}\" }\nvolumes: [\"./web.conf:/config:ro\"]";
        var first = await shop.PushAsync("v1", files: ("web.conf", "one\n"));
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        await File.WriteAllTextAsync(Path.Combine(clone, ".env"), "COLOUR=green\n", Token);
        var before = await UpByHandAsync(shop, clone);
        Assert.Equal("green", await shop.AnswerAsync("/env?COLOUR"));

        var bad = await shop.PushAsync("v2", version => version.Crashing(), ("web.conf", "two\n"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("rolled-back", bad);

        await ExpectReleaseZeroAsync(shop, before);
        Assert.Equal(("web v1", "green", "one"), (await shop.AnswerAsync(), await shop.AnswerAsync("/env?COLOUR"), await shop.AnswerAsync("/config")));
        Assert.Equal(first, GitRepository.GitIn(clone, "rev-parse", "HEAD"));

        await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.Equal(("web v3", "green", "two"), (await shop.AnswerAsync(), await shop.AnswerAsync("/env?COLOUR"), await shop.AnswerAsync("/config")));
        Assert.Equal("COLOUR=green\n", await File.ReadAllTextAsync(Path.Combine(clone, ".env"), Token));
    }

    [Fact]
    public async Task A_clone_in_which_nothing_differs_is_taken_over_without_recreating_a_container()
    {
        await using var shop = await Shop.CreateAsync(health: Health);
        var clone = Path.Combine(shop.Host.Folder, "live");
        shop.Configure($"checkout: {clone}", Health);
        shop.WebKeys = "environment: { COLOUR: \"${COLOUR}\" }\nvolumes: [\"./web.conf:/config:ro\"]";
        shop.MoreServices = $"cache: {{ image: \"{shop.Image("web", "v1")}\", stop_grace_period: 1s, labels: {{ colour: blue }} }}";
        var first = await shop.PushAsync("v1", files: ("web.conf", "one\n"));
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        await File.WriteAllTextAsync(Path.Combine(clone, ".env"), "COLOUR=green\n", Token);
        await UpByHandAsync(shop, clone);
        var before = await DockerCli.RunningIdsAsync(shop.Stack);

        var plan = await shop.RunAsync("plan");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        Assert.Equal(before, await DockerCli.RunningIdsAsync(shop.Stack));

        // a commit that does not concern it, and a tag that somebody moved on the host
        await DockerCli.RunAsync("tag", (await shop.ContainerAsync("web")).ImageId, $"{shop.Registry.Host}/elsewhere:v1");
        await shop.ExpectAsync("up-to-date", shop.Repository.Commit("Words", ("README.md", "words\n")));
        Assert.Equal(before, await DockerCli.RunningIdsAsync(shop.Stack));

        // the mounted file alone: only what mounts it is recreated, and from then on in Eclusier's spelling
        await shop.ExpectAsync("committed", shop.Repository.Commit("Another file", ("web.conf", "two\n")));
        var after = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(before["cache"], after["cache"]);
        Assert.NotEqual(before["web"], after["web"]);
        Assert.Equal("two", await shop.AnswerAsync("/config"));

        var bad = await shop.PushAsync("v2", version => version.Crashing());
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal(("web v1", "two"), (await shop.AnswerAsync(), await shop.AnswerAsync("/config")));
        Assert.Equal(before["cache"], (await DockerCli.RunningIdsAsync(shop.Stack))["cache"]);
    }

    [Fact]
    public async Task A_project_that_was_started_by_hand_keeps_the_containers_that_are_as_in_git()
    {
        await using var shop = await Shop.CreateAsync(health: Health);
        var folder = Directory.CreateDirectory(Path.Combine(shop.Host.Folder, "by-hand")).FullName;
        await shop.PushImageAsync("web", "v1", "v1");
        shop.MoreServices = $"cache: {{ image: \"{shop.Image("web", "v1")}\", stop_grace_period: 1s, environment: {{ SIZE: small }} }}";
        await File.WriteAllTextAsync(Path.Combine(folder, "compose.yaml"), shop.Compose("v1"), Token);
        await UpByHandAsync(shop, folder);
        var before = await DockerCli.RunningIdsAsync(shop.Stack);

        shop.MoreServices = shop.MoreServices.Replace("small", "large");
        var commit = shop.Repository.Commit("As by hand, but for the cache", ("compose.yaml", shop.Compose("v1")));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);

        var after = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(before["web"], after["web"]);
        Assert.NotEqual(before["cache"], after["cache"]);

        // going back to what ran before does not touch what is as it was, either
        (await shop.Host.RunAsync("rollback", shop.Stack, "--to", "0")).Succeeded();
        var back = await DockerCli.RunningIdsAsync(shop.Stack);
        Assert.Equal(before["web"], back["web"]);
        Assert.NotEqual(after["cache"], back["cache"]);
    }

    [Fact]
    public async Task A_plain_folder_that_runs_already_is_gone_back_to()
    {
        await using var shop = await Shop.CreateAsync(health: Health);
        var folder = Directory.CreateDirectory(Path.Combine(shop.Host.Folder, "by-hand")).FullName;
        shop.Configure($"env_files: [{folder}/.env]", Health);
        shop.WebKeys = "environment: { COLOUR: \"${COLOUR}\" }\nvolumes: [\"./web.conf:/config:ro\"]";
        await shop.PushImageAsync("web", "v1", "v1");
        await File.WriteAllTextAsync(Path.Combine(folder, "compose.yaml"), shop.Compose("v1"), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "web.conf"), "by hand\n", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, ".env"), "COLOUR=green\n", Token);
        var before = await UpByHandAsync(shop, folder);

        var bad = await shop.PushAsync("v2", version => version.Answering(500), ("web.conf", "from git\n"));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("rolled-back", bad);

        await ExpectReleaseZeroAsync(shop, before);
        Assert.Equal(("web v1", "green", "by hand"), (await shop.AnswerAsync(), await shop.AnswerAsync("/env?COLOUR"), await shop.AnswerAsync("/config")));

        await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.Equal(("web v3", "green", "from git"), (await shop.AnswerAsync(), await shop.AnswerAsync("/env?COLOUR"), await shop.AnswerAsync("/config")));
    }

    [Fact]
    public async Task A_bad_first_release_with_nothing_to_go_back_to_has_failed()
    {
        await using var shop = await Shop.CreateAsync(health: Health);
        await shop.PushAsync("v1", version => version.Crashing());

        var outcome = await shop.Host.RunAsync("deploy", shop.Stack); // without a daemon

        Assert.True(outcome.ExitCode == 3 && outcome.Output.Contains("failed", StringComparison.Ordinal) && outcome.Output.Contains("exited with code 1", StringComparison.Ordinal), outcome.ToString());
        await shop.Host.StartAsync();
        await shop.PollsAsync(3);
        var deployment = Assert.Single((await shop.HistoryAsync()).Deployments);
        Assert.Equal("failed", deployment.Result);
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("fatal: cannot open database", StringComparison.Ordinal));
        var status = await shop.StatusAsync();
        Assert.Equal(("failed", 1), (status.State, status.Quarantined.Count));
        Assert.Null(status.LastKnownGood);

        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        Assert.Equal("web v2", await shop.AnswerAsync());
    }

    [Fact]
    public async Task With_stop_and_report_a_bad_release_is_left_as_it_is()
    {
        await using var shop = await Shop.CreateAsync("on_failure: stop-and-report", Health);
        var first = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);

        await shop.ExpectAsync("failed", await shop.PushAsync("v2", version => version.Answering(500)));
        Assert.Equal("500 internal error", await shop.AnswerAsync());
        var left = await DockerCli.RunningIdsAsync(shop.Stack);
        await shop.PollsAsync(3);

        Assert.Equal(left, await DockerCli.RunningIdsAsync(shop.Stack));
        var status = await shop.StatusAsync();
        Assert.Equal(("failed", first, 2), (status.State, status.LastKnownGood?.Commit, status.Quarantined.Single().Number));
        Assert.Equal(3, (await shop.Host.RunAsync("retry", shop.Stack)).ExitCode);
        await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.Equal("web v3", await shop.AnswerAsync());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<LabContainer> UpByHandAsync(Shop shop, string folder)
    {
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", shop.Stack, "up", "--detach", "--quiet-pull"], workingDirectory: folder, cancellationToken: Token)).Succeeded();
        await Wait.ForAsync("it answers", TimeSpan.FromSeconds(20), () => shop.AnswerAsync(), answer => answer == "web v1", Token);
        return await shop.ContainerAsync("web");
    }

    private static async Task ExpectReleaseZeroAsync(Shop shop, LabContainer before)
    {
        var history = await shop.HistoryAsync();
        Assert.Contains(history.Releases, release => release is { Number: 0, IsLastKnownGood: true });
        Assert.Contains(shop.Host.Journal, line => line.EndsWith("Rolled back: release #0 runs again and is verified; #1 is in quarantine", StringComparison.Ordinal));
        var web = await shop.ContainerAsync("web");
        Assert.Equal((before.ImageId, "running"), (web.ImageId, web.State));
    }
}
