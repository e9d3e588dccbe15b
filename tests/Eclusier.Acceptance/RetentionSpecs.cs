using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What is kept is what is needed, over many releases, and it is enough without the registry.</summary>
public sealed class RetentionSpecs
{
    private const string Quick = "timeout: 15s\ninterval: 200ms\nsoak: 0s";

    [Fact, Trait("Length", "Long")]
    public async Task Of_thirty_releases_five_are_kept_with_every_image_that_they_need_and_no_other()
    {
        await using var shop = await Shop.CreateAsync("retain: 5", Quick);
        var needed = new List<(string Web, string Worker)>(); // by release
        for (var number = 1; number <= 30; number++)
        {
            // the worker's image is the same for three releases: it must outlive the ones that are dropped, and no longer
            var worker = await shop.PushImageAsync("worker", $"v{(number + 2) / 3}", $"v{(number + 2) / 3}");
            var web = await shop.PushImageAsync("web", $"v{number}", $"v{number}");
            shop.MoreServices = $"worker: {{ image: \"{shop.Image("worker", $"v{(number + 2) / 3}")}\", stop_grace_period: 1s }}";
            var commit = await shop.PushAsync($"v{number}");
            needed.Add((web, worker));
            if (number == 1)
            {
                await shop.Host.StartAsync();
            }

            await shop.ExpectAsync("committed", commit);
            var kept = needed.TakeLast(5).ToList();
            await ExpectImagesAsync(shop, "web", kept.Select(release => release.Web));
            await ExpectImagesAsync(shop, "worker", kept.Select(release => release.Worker));
        }

        var folder = Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases"); // the last thing that goes
        await Wait.ForAsync("five folders are left", TimeSpan.FromSeconds(20), () => Directory.EnumerateDirectories(folder).Count(), count => count == 5, TestContext.Current.CancellationToken);
        (await shop.RunAsync("rollback", "--to", "26")).Succeeded();
        Assert.Equal("web v26", await shop.AnswerAsync());
    }

    [Fact]
    public async Task With_a_registry_that_lost_everything_the_way_back_is_open()
    {
        await using var shop = await Shop.CreateAsync(health: Quick);
        await shop.BeginWithAsync("v1");
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        await shop.Registry.StartAgainEmptyAsync();

        (await shop.RunAsync("rollback")).Succeeded();
        Assert.Equal("web v1", await shop.AnswerAsync());

        var bad = await shop.PushAsync("v3", version => version.Crashing());
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v1", await shop.AnswerAsync());
    }

    /// <summary>Tidying comes a moment after a deployment is closed.</summary>
    private static async Task ExpectImagesAsync(Shop shop, string name, IEnumerable<string> digests)
    {
        string[] expected = [.. digests.Distinct().Order()];
        await Wait.ForAsync($"the images of {name} are {string.Join(", ", expected)}", TimeSpan.FromSeconds(20), () => ImagesAsync(shop, name), images => images.SequenceEqual(expected), TestContext.Current.CancellationToken);
    }

    private static async Task<string[]> ImagesAsync(Shop shop, string name) =>
        [.. (await DockerCli.RunAsync("images", "--digests", "--format", "{{.Digest}}", $"{shop.Registry.Host}/shop/{name}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order()];
}
