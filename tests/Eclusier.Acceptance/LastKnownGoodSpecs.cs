using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The way back leads to the very bits that ran before, whatever became of tags, registry and unused images.</summary>
public sealed class LastKnownGoodSpecs
{
    [Fact]
    public async Task Two_bad_commits_at_once_go_back_to_what_ran_not_to_the_commit_before()
    {
        await using var shop = await Shop.CreateAsync();
        var good = await DeployFirstAsync(shop, "v1");

        await shop.CommitAsync("v2", version => version.Answering(500));
        var newest = await shop.CommitAsync("v3", version => version.Crashing());
        shop.Repository.Push();
        await shop.ExpectAsync("rolled-back", newest);

        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(good, (await shop.StatusAsync()).LastKnownGood?.Commit);
        Assert.Equal([newest, good], (await shop.HistoryAsync()).Deployments.Select(deployment => deployment.Commit)); // the second commit never ran
    }

    [Fact]
    public async Task Bad_bits_under_the_same_tag_go_back_to_the_old_bits_without_tag_and_without_registry()
    {
        await using var shop = await Shop.CreateAsync();
        var digest = await shop.PushImageAsync("web", "latest", "v1");
        await shop.ExpectAsync("committed", await StartWithLatestAsync(shop));
        var before = await shop.ContainerAsync("web");
        Assert.Equal($"{shop.Registry.Host}/shop/web@{digest}", before.Image);

        await shop.PushImageAsync("web", "latest", "v2", version => version.Answering(500));
        var from = shop.Host.Journal.Count;
        var bad = shop.Repository.Commit("Nothing but news", ("NEWS.md", "A new image.\n"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        await shop.Registry.DeleteTagAsync("shop/web", "latest");
        await shop.Registry.DeleteManifestAsync("shop/web", digest);
        await shop.Registry.StopAsync();

        var deployment = await shop.ExpectAsync("rolled-back", bad);

        Assert.Contains("500", deployment.Reason);
        Assert.Equal("web v1", await shop.AnswerAsync());
        var after = await shop.ContainerAsync("web");
        Assert.Equal((before.ImageId, before.Image, "running"), (after.ImageId, after.Image, after.State));
        Assert.True((await shop.StatusAsync()).RollbackPossible);
    }

    [Fact]
    public async Task Pruning_images_does_not_take_the_way_back()
    {
        await using var shop = await Shop.CreateAsync();
        await DeployFirstAsync(shop, "v1");
        var first = await shop.ContainerAsync("web");
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        await PruneAsync(shop);

        // while the third is tried, nothing but its tag keeps the image of the second
        var from = shop.Host.Journal.Count;
        var bad = await shop.PushAsync("v3", version => version.Answering(500));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        await PruneAsync(shop);
        await shop.Registry.StopAsync();
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v2", await shop.AnswerAsync());

        await PruneAsync(shop);
        (await shop.Host.RunAsync("rollback", shop.Stack)).Succeeded();
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal((first.ImageId, first.Image), (await shop.ContainerAsync("web")) is var now ? (now.ImageId, now.Image) : default);
    }

    [Fact]
    public async Task Releases_that_are_no_longer_kept_leave_no_folder_and_no_image()
    {
        await using var shop = await Shop.CreateAsync("retain: 2", health: "timeout: 15s\ninterval: 200ms\nsoak: 0s");
        await DeployFirstAsync(shop, "v1");
        for (var version = 2; version <= 8; version++)
        {
            await shop.ExpectAsync("committed", await shop.PushAsync($"v{version}"));
        }

        var kept = (await shop.HistoryAsync()).Releases.Where(release => release.Number >= 7).Select(release => release.Id);
        var folders = Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases");
        await Wait.ForAsync( // it tidies up once the deployment is closed
            "the folders of the last two are left", TimeSpan.FromSeconds(20),
            () => Directory.EnumerateDirectories(folders).Select(folder => Path.GetFileName(folder)).Order().ToList(), left => left.SequenceEqual(kept.Order()), Token);
        Assert.Equal(["7", "8"], await LinesAsync("images", "--format", "{{.Tag}}", $"eclusier/{shop.Stack}/web"));
        var digests = await LinesAsync("images", "--digests", "--format", "{{.Digest}}", $"{shop.Registry.Host}/shop/web");
        Assert.Equal(2, digests.Length); // no image is left behind under its digest
        Assert.Equal(8, (await shop.HistoryAsync()).Releases.Count); // the journal remembers them all
        var refused = await shop.Host.RunAsync("rollback", shop.Stack, "--to", "3");
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("no longer kept (`retain: 2`)", StringComparison.Ordinal), refused.ToString());
        (await shop.Host.RunAsync("rollback", shop.Stack)).Succeeded();
        Assert.Equal("web v7", await shop.AnswerAsync());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string> DeployFirstAsync(Shop shop, string version)
    {
        var commit = await shop.PushAsync(version);
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);
        return commit;
    }

    private static async Task<string> StartWithLatestAsync(Shop shop)
    {
        var commit = shop.Repository.Commit("The shop", ("compose.yaml", shop.Compose("latest")));
        await shop.Host.StartAsync();
        return commit;
    }

    /// <summary><c>docker image prune</c>, of this shop's images alone: the machine may be somebody's.</summary>
    private static Task PruneAsync(Shop shop) => DockerCli.RunAsync("image", "prune", "--force", "--filter", $"label={SampleImages.RegistryLabel}={shop.Registry.Host}");

    private static async Task<string[]> LinesAsync(params string[] arguments) => [.. (await DockerCli.RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()];
}
