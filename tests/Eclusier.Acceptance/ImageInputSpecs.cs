using System.Text;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Images that come late or never, and registries that ask for a password.</summary>
public sealed class ImageInputSpecs(SharedShop shared) : IClassFixture<SharedShop>
{
    private readonly Shop shop = shared.Shop;

    [Fact]
    public async Task An_image_that_never_comes_is_waited_for_as_long_as_configured()
    {
        await BeginAsync("images: { wait: 4s }");
        var before = await shop.SnapshotAsync();
        var line = shop.Host.Journal.Count;

        var commit = shop.Repository.Commit("An image that never comes", ("compose.yaml", shop.Compose("never")));

        var waiting = await AwaitWaitingAsync("never");
        Assert.Equal(TimeSpan.FromSeconds(4), waiting.Until - waiting.Since);
        await shop.ExpectTurnedDownAsync("expired", commit, line, shop.Image("web", "never"), "images.wait");
        Assert.Equal(before, await shop.SnapshotAsync());
        Assert.InRange(shop.Host.Journal.Skip(line).Count(text => text.Contains($"does not have {shop.Image("web", "never")}", StringComparison.Ordinal)), 2, 3); // the step, the wait, its end; not each look
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task An_image_that_comes_late_is_deployed_and_no_other_in_its_place()
    {
        var latest = await shop.PushImageAsync("web", "latest", "latest");
        await BeginAsync("images: { wait: 1m }");
        var before = await shop.SnapshotAsync();

        var commit = shop.Repository.Commit("An image that comes late", ("compose.yaml", shop.Compose("late")));
        var waiting = await AwaitWaitingAsync("late");
        Assert.Equal(TimeSpan.FromMinutes(1), waiting.Until - waiting.Since);
        Assert.Contains("waiting", (await shop.Host.RunAsync("status", shop.Stack)).Succeeded());
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        Assert.Equal(before, await shop.SnapshotAsync());
        Assert.Equal(waiting with { Attempts = 0 }, (await AwaitWaitingAsync("late")) with { Attempts = 0 });

        var late = await shop.PushImageAsync("web", "late", "late");
        var deployment = await shop.ExpectAsync("committed", commit);

        Assert.Equal("web late", await shop.AnswerAsync());
        Assert.Equal($"{shop.Registry.Host}/shop/web@{late}", (await shop.ContainerAsync("web")).Image);
        Assert.DoesNotContain(latest, await DockerCli.RunAsync("images", "--digests", "--no-trunc", $"{shop.Registry.Host}/shop/web"));
        Assert.Equal([deployment.Id], (await shop.HistoryAsync()).Deployments.Where(row => row.Commit == commit).Select(row => row.Id));
    }

    [Fact]
    public async Task A_newer_commit_takes_the_place_of_one_that_waits()
    {
        await BeginAsync("images: { wait: 1m }");
        var waits = shop.Repository.Commit("An image that never comes", ("compose.yaml", shop.Compose("nowhere")));
        await AwaitWaitingAsync("nowhere");

        var good = await shop.DeployGoodAsync();

        var superseded = await shop.ExpectAsync("superseded", waits);
        Assert.Contains(good[..7], superseded.Reason);
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
    }

    [Fact]
    public async Task A_registry_with_a_password_is_used_with_the_login_that_docker_has()
    {
        const string Password = "tide-and-lock-3491";
        await using var closed = await Registry.StartWithLoginAsync("keeper", Password);
        using var images = new SampleImages(closed.Host, ("keeper", Password));
        shop.Host.CleansUpImagesOf(closed.Host);
        await images.PushAsync("closed/web", "v1", new Behaviour("closed web", "v1"));
        await images.PushAsync("closed/web", "v2", new Behaviour("closed web", "v2"));
        string Compose(string tag) => shop.GoodCompose().Replace(shop.Image("web", "v1"), $"{closed.Host}/closed/web:{tag}");
        var programs = Directory.CreateDirectory(Path.Combine(shop.Host.Folder, "programs")).FullName;
        shop.Host.Environment["PATH"] = $"{programs}:{shop.Host.Environment["PATH"]}";
        await BeginAsync();

        await shop.ExpectRejectedAsync(() => Push(Compose("v1")), closed.Host, "no login for it was found", $"docker login {closed.Host}");

        WriteDockerConfiguration($$"""{ "auths": { "{{closed.Host}}": { "auth": "{{Base64("keeper:wrong")}}" } } }""");
        await shop.ExpectRejectedAsync(() => Push(Compose("v1")), closed.Host, "although a login for it was found", $"docker login {closed.Host}");

        WriteDockerConfiguration($$"""{ "auths": { "{{closed.Host}}": { "auth": "{{Base64($"keeper:{Password}")}}" } } }""");
        await shop.ExpectAsync("committed", Push(Compose("v1")));
        Assert.Equal("closed web v1", await shop.AnswerAsync());

        WriteHelper(Path.Combine(programs, "docker-credential-lab"), Password);
        WriteDockerConfiguration($$"""{ "credHelpers": { "{{closed.Host}}": "lab" } }""");
        await shop.ExpectAsync("committed", Push(Compose("v2")));
        Assert.Equal("closed web v2", await shop.AnswerAsync());
        Assert.Equal($"get {closed.Host}", (await File.ReadAllLinesAsync(Path.Combine(programs, "docker-credential-lab.asked"), Token)).Distinct().Single());

        Assert.DoesNotContain(Password, string.Join('\n', shop.Host.Journal));
        Assert.Empty(Traces.OfSecret(Password, shop.Host.StateDirectory));
        File.Delete(DockerConfiguration);
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task Private_registries_are_reached_with_the_logins_that_the_stack_has_itself()
    {
        const string Password = "tide-and-lock-7712";
        await using var tokens = await TokenServer.StartAsync("keeper", Password);
        await using var withPassword = await Registry.StartWithLoginAsync("keeper", Password);
        await using var withTokens = await Registry.StartWithTokensAsync(tokens);
        using var first = new SampleImages(withPassword.Host, ("keeper", Password));
        using var second = new SampleImages(withTokens.Host) { Tokens = tokens };
        shop.Host.CleansUpImagesOf(withPassword.Host);
        shop.Host.CleansUpImagesOf(withTokens.Host);
        await first.PushAsync("closed/web", "v1", new Behaviour("closed web", "v1"));
        await second.PushAsync("closed/web", "v1", new Behaviour("closed web", "by token"));
        string Compose(Registry registry) => shop.GoodCompose().Replace(shop.Image("web", "v1"), $"{registry.Host}/closed/web:v1");
        var file = Path.Combine(shop.Host.Folder, "registry.password");
        await File.WriteAllTextAsync(file, $"{Password}\n", Token);
        await BeginAsync($"registries:\n  {withPassword.Host}: {{ username: keeper, password_file: {file} }}\n  {withTokens.Host}: {{ username: keeper, password_file: {file} }}");

        await shop.ExpectAsync("committed", Push(Compose(withPassword)));
        Assert.Equal("closed web v1", await shop.AnswerAsync());
        await shop.ExpectAsync("committed", Push(Compose(withTokens)));
        Assert.Equal("closed web by token", await shop.AnswerAsync());

        await File.WriteAllTextAsync(file, "wrong\n", Token);
        await first.PushAsync("closed/web", "v2", new Behaviour("closed web", "v2"));
        await shop.ExpectRejectedAsync(() => Push(Compose(withPassword).Replace("closed/web:v1", "closed/web:v2")), withPassword.Host, "login");
        var turnedDown = (await shop.HistoryAsync()).Deployments[0].Id;
        await File.WriteAllTextAsync(file, $"{Password}\n", Token); // put right: another try, without a commit
        await shop.ExpectAsync("committed", shop.Repository.Head, after: turnedDown);
        Assert.Equal("closed web v2", await shop.AnswerAsync());
        Assert.DoesNotContain(Password, string.Join('\n', shop.Host.Journal));
        Assert.Empty(Traces.OfSecret(Password, shop.Host.StateDirectory));
        await shop.DeployGoodAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string DockerConfiguration => Path.Combine(shop.Host.Environment["DOCKER_CONFIG"], "config.json");

    private async Task BeginAsync(string settings = "")
    {
        await shop.StartAsync(settings);
        await shop.DeployGoodAsync();
    }

    private string Push(string compose) => shop.Repository.Commit("From the closed registry", ("compose.yaml", compose));

    private async Task<TroubleView> AwaitWaitingAsync(string tag)
    {
        var status = await shop.AwaitStatusAsync("it waits", status => status.State == "waiting");
        Assert.Contains(shop.Image("web", tag), status.Message);
        Assert.Equal("waiting", status.Trouble?.Kind);
        return status.Trouble!;
    }

    private void WriteDockerConfiguration(string json) => File.WriteAllText(DockerConfiguration, json);

    /// <summary>Asked by its word and, on its input, the registry, as docker's own helpers.</summary>
    private static void WriteHelper(string path, string password)
    {
        File.WriteAllText(path, $$"""
            #!/bin/sh
            read -r server
            echo "$1 $server" >> "{{path}}.asked"
            printf '{"ServerURL":"%s","Username":"keeper","Secret":"{{password}}"}' "$server"

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
