using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Registries;
using Eclusier.Adapters.Tests.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Engine = Eclusier.Adapters.DockerEngine.DockerEngine;

namespace Eclusier.Adapters.Tests.DockerEngine;

public sealed class ImagesSpecs(EngineLab lab) : IClassFixture<EngineLab>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_pulled_by_digest_and_found_under_it()
    {
        var digest = await new TestImage { Version = lab.Id + "digest" }.PushAsync(lab.Registry, "by-digest", "v1");
        var image = lab.Image($"{lab.Registry.Host}/by-digest@{digest}");
        Assert.Null(await lab.Engine.FindImageAsync(image.ToString(), Cancelled));

        await lab.Engine.PullAsync(image, platform: null, access: null, Cancelled);

        var id = await lab.Engine.FindImageAsync(image.ToString(), Cancelled);
        Assert.StartsWith("sha256:", id);
        Assert.Equal(id, await lab.Engine.FindImageAsync(id!, Cancelled));
        Assert.Equal([image.ToString()], await lab.Engine.ReadRepositoryDigestsAsync(id!, Cancelled));
        Assert.Null(await lab.Engine.FindImageAsync($"{lab.Registry.Host}/by-digest:v1", Cancelled));
    }

    [Fact]
    public async Task Of_many_names_those_without_an_image_are_told()
    {
        var digest = await new TestImage { Version = lab.Id + "many" }.PushAsync(lab.Registry, "many", lab.Id);
        var image = lab.Image($"{lab.Registry.Host}/many@{digest}");
        await lab.Engine.PullAsync(image, platform: null, access: null, Cancelled);
        var id = (await lab.Engine.FindImageAsync(image.ToString(), Cancelled))!;
        var (kept, lost) = (lab.Image($"eclusier/{lab.Id}/web:1").ToString(), $"eclusier/{lab.Id}/web:2");
        await lab.Engine.TagAsync(id, kept, Cancelled);
        var otherDigest = $"{lab.Registry.Host}/many@sha256:{new string('a', 64)}";

        Assert.Equal(
            new HashSet<string> { lost, otherDigest, $"sha256:{new string('b', 64)}" },
            await lab.Engine.FindMissingImagesAsync([image.ToString(), kept, lost, id, otherDigest, $"sha256:{new string('b', 64)}"], Cancelled));
        Assert.Empty(await lab.Engine.FindMissingImagesAsync([image.ToString(), kept], Cancelled));
        Assert.Empty(await lab.Engine.FindMissingImagesAsync([], Cancelled));
    }

    [Fact]
    public async Task The_platform_asked_for_is_pulled()
    {
        var index = await TestImage.PushIndexAsync(lab.Registry, "platforms", "v1", new TestImage { Version = lab.Id }, new TestImage { Version = lab.Id, Architecture = "arm64" });
        var image = lab.Image($"{lab.Registry.Host}/platforms@{index}");

        await lab.Engine.PullAsync(image, "linux/arm64", access: null, Cancelled);
        Assert.Equal("arm64", await Tool.DockerAsync("image", "inspect", "--format", "{{.Architecture}}", image.ToString()));

        // one digest is one image to this engine, so the other platform cannot be had as well
        await FailsAsync(lab.Engine, image.ToString(), FailureKind.Rejected, "remove it", "linux/amd64");
    }

    [Fact]
    public async Task A_platform_that_an_image_does_not_have_is_rejected()
    {
        var index = await TestImage.PushIndexAsync(lab.Registry, "arm", "v1", new TestImage { Version = lab.Id, Architecture = "arm64" });

        await FailsAsync(lab.Engine, $"{lab.Registry.Host}/arm@{index}", FailureKind.Rejected, "does not exist for this host's platform");
        await FailsAsync(lab.Engine, $"{lab.Registry.Host}/arm@{index}", FailureKind.Rejected, "does not exist for linux/s390x", "linux/s390x");
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_waited_for()
    {
        await FailsAsync(lab.Engine, $"{lab.Registry.Host}/box@sha256:{new string('0', 64)}", FailureKind.Waiting, "does not have");
        await FailsAsync(lab.Engine, $"{lab.Registry.Host}/nobody@sha256:{new string('0', 64)}", FailureKind.Waiting, "does not have");
        await FailsAsync(lab.Engine, $"{lab.Registry.Host}/box:missing", FailureKind.Waiting, "does not have");
    }

    [Fact]
    public async Task The_login_of_docker_opens_a_registry_with_password()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        var digest = await new TestImage { Version = lab.Id + "login" }.PushAsync(registry, "secret", "v1");
        var image = $"{registry.Host}/secret@{digest}";
        using var folder = new DockerFolder();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions());

        await FailsAsync(engine, image, FailureKind.Rejected, $"(no login for it was found); run `docker login {registry.Host}`");

        folder.WithLogin(registry.Host, "me", "wrong-password");
        var failure = await FailsAsync(engine, image, FailureKind.Rejected, "(a login for it was found)");
        Assert.DoesNotContain("wrong-password", failure.ToString());

        folder.WithLogin(registry.Host, "me", "hunter2");
        await engine.PullAsync(lab.Image(image), platform: null, access: null, Cancelled);
        Assert.NotNull(await engine.FindImageAsync(image, Cancelled));
    }

    [Fact]
    public async Task The_layers_of_an_image_are_those_of_its_registry_and_the_space_is_that_of_a_disk()
    {
        await using var registry = await Registry.StartAsync();
        var image = lab.Image($"{registry.Host}/layers@{await new TestImage { Version = lab.Id + "layers" }.PushAsync(registry, "layers", "v1")}");
        using var folder = new DockerFolder();
        using var client = new RegistryClient(folder.Credentials, new FakeInsecureRegistries(), TimeProvider.System);
        await lab.Engine.PullAsync(image, platform: null, access: null, Cancelled);

        var local = await lab.Engine.ReadLayersAsync((await lab.Engine.FindImageAsync(image.ToString(), Cancelled))!, Cancelled);

        Assert.Equal((await client.ReadLayersAsync(image, platform: null, access: null, Cancelled)).Select(layer => layer.Id), local);
        Assert.Empty(await lab.Engine.ReadLayersAsync("sha256:" + new string('0', 64), Cancelled));
        Assert.True(await lab.Engine.ReadFreeSpaceAsync(Cancelled) > 0);
    }

    [Fact]
    public async Task The_stacks_own_login_opens_a_registry_with_password()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        var digest = await new TestImage { Version = lab.Id + "own login" }.PushAsync(registry, "secret", "v1");
        var image = $"{registry.Host}/secret@{digest}";
        using var folder = new DockerFolder();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions());

        await engine.PullAsync(lab.Image(image), platform: null, new RegistryAccess(registry.Host) { Username = "me", Password = new SecretSource.Value(new Secret("hunter2")) }, Cancelled);

        Assert.NotNull(await engine.FindImageAsync(image, Cancelled));
    }

    [Fact]
    public async Task A_token_opens_a_registry_too()
    {
        await using var tokens = await TokenServer.StartAsync("me", "hunter2");
        await using var registry = await Registry.StartWithTokensAsync(tokens);
        using var folder = new DockerFolder().WithLogin(registry.Host, "me", "hunter2");
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions());
        await FailsAsync(engine, $"{registry.Host}/secret:v1", FailureKind.Waiting, "does not have");

        folder.With("{}");
        await FailsAsync(engine, $"{registry.Host}/secret:v1", FailureKind.Rejected, "(no login for it was found)");
    }

    [Fact]
    public async Task A_registry_that_is_down_is_transient()
    {
        await using var registry = await Registry.StartAsync();
        var digest = await new TestImage().PushAsync(registry, "box", "v1");
        await registry.StopAsync();

        await FailsAsync(lab.Engine, $"{registry.Host}/box@{digest}", FailureKind.Transient, "connection refused");
    }

    [Fact]
    public async Task A_pull_that_does_not_move_is_given_up()
    {
        await using var registry = await Registry.StartAsync();
        using var folder = new DockerFolder();
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions { PullProgressTimeLimit = TimeSpan.FromSeconds(2) });
        await registry.FreezeAsync();

        await FailsAsync(engine, $"{registry.Host}/box:v1", FailureKind.Transient, "made no progress for 2 s");

        await registry.ThawAsync();
    }

    [Fact]
    public async Task A_tag_protects_an_image_from_pruning_and_its_removal_ends_that()
    {
        var version = lab.Id + "prune";
        var digest = await new TestImage { Version = version }.PushAsync(lab.Registry, "prune", "v1");
        var image = lab.Image($"{lab.Registry.Host}/prune@{digest}").ToString();
        await lab.Engine.PullAsync(lab.Image(image), platform: null, access: null, Cancelled);
        var id = await lab.Engine.FindImageAsync(image, Cancelled);
        var tag = $"eclusier/{lab.Id}/prune:41";

        await lab.Engine.TagAsync(id!, tag, Cancelled);
        await lab.Engine.TagAsync(id!, tag, Cancelled);
        await Tool.DockerAsync("image", "prune", "-f", "--filter", $"label=lab.version={version}");
        Assert.Equal(id, await lab.Engine.FindImageAsync(tag, Cancelled));
        Assert.Equal(id, await lab.Engine.FindImageAsync(image, Cancelled));

        var other = $"eclusier/{lab.Id}/prune:42";
        await lab.Engine.TagAsync(id!, other, Cancelled);
        await lab.Engine.RemoveTagAsync(other, Cancelled);
        Assert.Equal(id, await lab.Engine.FindImageAsync(image, Cancelled)); // a tag still keeps it

        await lab.Engine.RemoveTagAsync(tag, Cancelled);
        await lab.Engine.RemoveTagAsync(tag, Cancelled);
        Assert.Null(await lab.Engine.FindImageAsync(tag, Cancelled));
        Assert.Null(await lab.Engine.FindImageAsync(image, Cancelled)); // pulled by digest for this alone
    }

    [Fact]
    public async Task An_image_that_a_container_uses_by_its_digest_loses_its_tag_only()
    {
        var digest = await new TestImage { Version = lab.Id + "used" }.PushAsync(lab.Registry, "used", "v1");
        var image = lab.Image($"{lab.Registry.Host}/used@{digest}").ToString();
        await lab.Engine.PullAsync(lab.Image(image), platform: null, access: null, Cancelled);
        var id = (await lab.Engine.FindImageAsync(image, Cancelled))!;
        var tag = $"eclusier/{lab.Id}/used:1";
        await lab.Engine.TagAsync(id, tag, Cancelled);
        await Tool.DockerAsync("create", "--label", $"lab={lab.Id}", image);

        await lab.Engine.RemoveTagAsync(tag, Cancelled);

        Assert.Null(await lab.Engine.FindImageAsync(tag, Cancelled));
        Assert.Equal(id, await lab.Engine.FindImageAsync(image, Cancelled));
    }

    [Fact]
    public async Task Removing_the_last_name_removes_the_image_unless_a_container_uses_it()
    {
        var image = await lab.PullAsync(new TestImage { Version = lab.Id + "last" }, "last");
        var id = (await lab.Engine.FindImageAsync(image, Cancelled))!;
        var tag = $"eclusier/{lab.Id}/last:1";
        await lab.Engine.TagAsync(id, tag, Cancelled);
        await lab.Engine.RemoveTagAsync(image, Cancelled); // and the digest's name with it
        var container = await Tool.DockerAsync("create", "--label", $"lab={lab.Id}", id);

        var failure = await Assert.ThrowsAsync<FailureException>(() => lab.Engine.RemoveTagAsync(tag, Cancelled));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("a container still uses", failure.Message);
        Assert.Equal(id, await lab.Engine.FindImageAsync(tag, Cancelled));

        await lab.Engine.RemoveContainerAsync(container, Cancelled);
        await lab.Engine.RemoveTagAsync(tag, Cancelled);
        Assert.Null(await lab.Engine.FindImageAsync(id, Cancelled));
    }

    [Fact]
    public async Task An_image_that_is_gone_cannot_be_tagged_and_has_no_digests()
    {
        var missing = $"sha256:{new string('0', 64)}";

        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => lab.Engine.TagAsync(missing, $"eclusier/{lab.Id}/x:1", Cancelled))).Kind);
        Assert.Empty(await lab.Engine.ReadRepositoryDigestsAsync(missing, Cancelled));
    }

    private static async Task<FailureException> FailsAsync(Engine engine, string image, FailureKind kind, string says, string? platform = null)
    {
        Assert.True(ImageReference.TryParse(image, out var reference));
        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.PullAsync(reference, platform, access: null, Cancelled));
        Assert.Contains(says, failure.Message);
        Assert.Equal(kind, failure.Kind);
        return failure;
    }
}
