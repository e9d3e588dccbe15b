using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary><c>images.follow</c>: a tag that moves is a release of its own.</summary>
public sealed class FollowedImageSpecs
{
    [Fact]
    public async Task A_tag_that_moves_to_bad_bits_is_rolled_back_once_and_to_good_ones_deployed()
    {
        await using var shop = await Shop.CreateAsync("images: { follow: [web], interval: 1s }", health: "timeout: 5s\ninterval: 300ms\nsoak: 500ms");
        await shop.PushImageAsync("web", "latest", "v1");
        var commit = shop.Repository.Commit("The shop", ("compose.yaml", shop.Compose("latest")));
        await shop.Host.StartAsync();
        var first = await shop.ExpectAsync("committed", commit);
        var before = await shop.ContainerAsync("web");

        await shop.PushImageAsync("web", "latest", "v2", version => version.Crashing());
        var second = await shop.ExpectAsync("rolled-back", commit, after: first.Id);

        Assert.Equal("image-moved", second.Cause);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(before.ImageId, (await shop.ContainerAsync("web")).ImageId);

        await shop.PollsAsync(6);
        Assert.Equal(second.Id, (await shop.HistoryAsync()).Deployments[0].Id);
        Assert.Equal("rolled-back", (await shop.StatusAsync()).State);

        await shop.PushImageAsync("web", "latest", "v3");
        var third = await shop.ExpectAsync("committed", commit, after: second.Id);
        Assert.Equal("image-moved", third.Cause);
        Assert.Equal("web v3", await shop.AnswerAsync());
        var status = await shop.StatusAsync();
        Assert.Equal(("healthy", third.Release), (status.State, status.LastKnownGood?.Number));
    }

    [Fact]
    public async Task Whatever_number_of_services_and_stacks_follow_an_image_it_is_asked_for_once_by_one_HEAD()
    {
        const string Password = "tide-and-lock-7712";
        await using var shop = await Shop.CreateAsync();
        await using var registry = await Registry.StartWithLoginAsync("keeper", Password);
        await using var front = await FaultyFront.StartAsync($"http://{registry.Host}");
        shop.Host.CleansUpImagesOf(front.Host);
        using var images = new SampleImages(registry.Host, ("keeper", Password));
        await images.PushAsync("shop/web", "latest", new Behaviour("web", "v1"));
        string[] folders = ["one", "two"];
        var stacks = folders.Select(shop.Host.NewStack).ToList();
        var settings = folders.Zip(stacks).Select(pair => $$"""
              {{pair.Second}}:
                repository: {{shop.Repository.Bare}}
                directory: {{pair.First}}
                images: { follow: all, interval: 2s }
                registries: { "{{front.Host}}": { username: keeper, password: {{Password}} } }
                health: { timeout: 20s, interval: 300ms, soak: 300ms }
            """);
        shop.Host.Configure($"interval: 1s\nstacks:\n{string.Join('\n', settings)}");
        var service = $"{{ image: '{front.Host}/shop/web:latest', stop_grace_period: 1s }}";
        var commit = shop.Repository.Commit("Two stacks", [.. folders.Select(folder => ($"{folder}/compose.yaml", $"services: {{ a: {service}, b: {service} }}\n"))]);
        await shop.Host.StartAsync();
        foreach (var stack in stacks)
        {
            Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(stack, commit, cancellationToken: TestContext.Current.CancellationToken)).Result);
        }

        var before = front.Requests.Count;
        var began = DateTimeOffset.UtcNow;
        await Wait.ForAsync("three looks", TimeSpan.FromSeconds(60), () => front.Requests.Count - before, requests => requests >= 3, TestContext.Current.CancellationToken);

        var looks = front.Requests.Skip(before).ToList();
        var rounds = (int)((DateTimeOffset.UtcNow - began) / TimeSpan.FromSeconds(2)) + 2;
        Assert.InRange(looks.Count, 3, rounds);
        Assert.All(looks, look => Assert.Equal(("HEAD", "/v2/shop/web/manifests/latest"), (look.Method, look.Path)));
    }

    [Fact]
    public async Task A_tag_that_moves_is_taken_when_its_digest_is_old_enough_and_not_with_a_commit_before()
    {
        await using var shop = await Shop.CreateAsync("images: { follow: [web], interval: 1s, min_age: 20s }");
        await shop.PushImageAsync("web", "latest", "v1");
        var commit = shop.Repository.Commit("The shop", ("compose.yaml", shop.Compose("latest")));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);

        var digest = await shop.PushImageAsync("web", "latest", "v2");
        var held = await shop.AwaitStatusAsync("the new digest is held back", status => status.HeldBack.Count > 0);
        Assert.Equal((shop.Image("web", "latest"), digest), (held.HeldBack[0].Image, held.HeldBack[0].Digest));
        Assert.Equal(TimeSpan.FromSeconds(20), held.HeldBack[0].TakenFrom - held.HeldBack[0].FirstSeenAt);

        shop.WebKeys = "environment: { ROUND: 'two' }";
        var next = shop.Repository.Commit("Another round", ("compose.yaml", shop.Compose("latest")));
        var second = await shop.ExpectAsync("committed", next);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.True(DateTimeOffset.UtcNow < held.HeldBack[0].TakenFrom, "the machine was too slow for this test to tell");

        var third = await shop.ExpectAsync("committed", next, after: second.Id);
        Assert.Equal("image-moved", third.Cause);
        Assert.True(third.StartedAt >= held.HeldBack[0].TakenFrom, $"{third} began before {held.HeldBack[0].TakenFrom:O}");
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Empty((await shop.StatusAsync()).HeldBack);
    }

    [Fact]
    public async Task A_commit_waits_until_its_image_says_that_it_was_built_from_it()
    {
        const string Label = "org.opencontainers.image.revision";
        await using var shop = await Shop.CreateAsync($"images: {{ wait: 5m, expect_label: {{ {Label}: \"{{commit}}\" }} }}");
        await shop.PushImageAsync("web", "latest", "v1", image => image with { Labels = new Dictionary<string, string> { [Label] = "an older commit" } });
        var commit = shop.Repository.Commit("The shop", ("compose.yaml", shop.Compose("latest")));
        await shop.Host.StartAsync();

        var waiting = await shop.AwaitStatusAsync("the commit waits for its image", status => status.State == "waiting");
        Assert.Contains($"is not the build of {commit[..7]} yet: its label {Label} is 'an older commit'", waiting.Message);
        Assert.NotNull(waiting.Trouble?.Until);
        Assert.Empty(await shop.ContainersAsync());
        await shop.PollsAsync(2);
        Assert.Equal("waiting", (await shop.StatusAsync()).State);

        await shop.PushImageAsync("web", "latest", "v2", image => image with { Labels = new Dictionary<string, string> { [Label] = commit } });
        await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }
}
