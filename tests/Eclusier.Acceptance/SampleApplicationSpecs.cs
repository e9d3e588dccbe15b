using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What the other acceptance tests build on: if the sample application does not behave as told, they prove nothing.</summary>
public sealed class SampleApplicationSpecs : IAsyncLifetime
{
    private readonly string project = $"sample-{Guid.NewGuid().ToString("N")[..6]}";
    private readonly LabFolder folder = new();
    private Registry registry = null!;
    private SampleImages images = null!;

    public async ValueTask InitializeAsync()
    {
        registry = await Registry.StartAsync();
        images = new SampleImages(registry.Host);
    }

    public async ValueTask DisposeAsync()
    {
        await DockerCli.RemoveProjectAsync(project);
        await DockerCli.RemoveImagesAsync($"{registry.Host}/");
        images.Dispose();
        await registry.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task The_same_behaviour_is_the_same_image_and_another_is_not()
    {
        var first = await images.PushAsync("web", "a", new Behaviour("web", "v1"));
        var again = await images.PushAsync("web", "b", new Behaviour("web", "v1"));
        var other = await images.PushAsync("web", "c", new Behaviour("web", "v2"));

        Assert.StartsWith("sha256:", first);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task A_good_one_serves_its_version_its_configuration_and_its_environment()
    {
        await images.PushAsync("web", "v1", new Behaviour("web", "v1") { HasHealthcheck = true, Padding = 100_000 });
        folder.Write("app.conf", "greeting=hello\n");
        var port = FreePort.Take();

        await UpAsync($$"""
            services:
              web:
                image: {{registry.Host}}/web:v1
                ports: ["127.0.0.1:{{port}}:8080"]
                environment: { COLOUR: blue }
                volumes: ["./app.conf:/config:ro"]
              worker:
                image: {{registry.Host}}/web:v1
                command: [worker]
                environment: { APP_NAME: worker, APP_VERSION: v9 }
                healthcheck: { disable: true }
            """);

        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await AwaitAsync("web", container => container.Health == "healthy");
        Assert.Equal("web v1\n", await client.GetStringAsync("/", Token));
        Assert.Equal("greeting=hello\n", await client.GetStringAsync("/config", Token));
        Assert.Equal("blue\n", await client.GetStringAsync("/env?COLOUR", Token));
        Assert.Equal(["web", "worker"], (await DockerCli.RunningIdsAsync(project)).Keys.Order());
        var worker = (await DockerCli.ContainersAsync(project)).Single(container => container.Service == "worker");
        Assert.Contains("worker v9: working, round 1", await DockerCli.RunAsync("logs", worker.Id));
    }

    [Fact]
    public async Task Bad_ones_fail_in_their_own_ways()
    {
        await images.PushAsync("crashing", "v1", new Behaviour("web", "v1").Crashing(3));
        await images.PushAsync("failing", "v1", new Behaviour("web", "v1") { HasHealthcheck = true }.Answering(500));
        await images.PushAsync("fading", "v1", new Behaviour("web", "v1") { HasHealthcheck = true }.With("unhealthy_after", "12"));
        await images.PushAsync("dying", "v1", new Behaviour("web", "v1").With("die_after", "1").With("die_code", "9"));
        await images.PushAsync("plain", "v1", new Behaviour("job", "v1") { Mode = "job" });

        await UpAsync($$"""
            services:
              crashing: { image: {{registry.Host}}/crashing:v1 }
              failing: { image: {{registry.Host}}/failing:v1 }
              fading: { image: {{registry.Host}}/fading:v1 }
              dying: { image: {{registry.Host}}/dying:v1 }
              hungry: { image: {{registry.Host}}/plain:v1, command: [worker], environment: { APP_HOG: "100" }, mem_limit: 20m, memswap_limit: 20m }
              job: { image: {{registry.Host}}/plain:v1, environment: { APP_EXIT: "4" } }
            """);

        await AwaitAsync("fading", container => container.Health == "healthy"); // first: it does not last
        await AwaitAsync("crashing", container => container is { State: "exited", ExitCode: 3 });
        await AwaitAsync("failing", container => container is { State: "running", Health: "unhealthy" });
        await AwaitAsync("fading", container => container.Health == "unhealthy");
        await AwaitAsync("dying", container => container is { State: "exited", ExitCode: 9 });
        await AwaitAsync("hungry", container => container is { State: "exited", ExitCode: 137 });
        await AwaitAsync("job", container => container is { State: "exited", ExitCode: 4 });
    }

    [Fact]
    public async Task It_stops_at_once_unless_told_not_to()
    {
        await images.PushAsync("web", "v1", new Behaviour("web", "v1"));
        await UpAsync($$"""
            services:
              polite: { image: {{registry.Host}}/web:v1 }
              stubborn: { image: {{registry.Host}}/web:v1, environment: { APP_IGNORE_TERM: "1" } }
            """);

        await DockerCli.RunAsync(["stop", "--time", "2", .. (await DockerCli.RunningIdsAsync(project)).Values]);

        await AwaitAsync("polite", container => container is { State: "exited", ExitCode: 0 });
        await AwaitAsync("stubborn", container => container is { State: "exited", ExitCode: 137 });
    }

    [Fact]
    public async Task Cleaning_up_leaves_nothing()
    {
        await images.PushAsync("web", "v1", new Behaviour("web", "v1"));
        await UpAsync($$"""
            services:
              web: { image: {{registry.Host}}/web:v1, volumes: ["data:/data"] }
            volumes:
              data: {}
            """);
        Assert.Contains(registry.Host, await DockerCli.RunAsync("images"));

        await DockerCli.RemoveProjectAsync(project);
        await DockerCli.RemoveImagesAsync($"{registry.Host}/");

        Assert.Empty(await DockerCli.ContainersAsync(project));
        Assert.DoesNotContain(project, await DockerCli.RunAsync("network", "ls"));
        Assert.DoesNotContain(project, await DockerCli.RunAsync("volume", "ls"));
        Assert.DoesNotContain(registry.Host, await DockerCli.RunAsync("images", "--all"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task UpAsync(string compose) =>
        (await LabProcess.RunAsync("docker", ["compose", "--project-name", project, "--file", folder.Write("compose.yaml", compose), "up", "--detach", "--quiet-pull"], cancellationToken: Token)).Succeeded();

    private Task AwaitAsync(string service, Func<LabContainer, bool> isSo) => Wait.ForAsync(
        $"the service {service} is as told", TimeSpan.FromSeconds(30), async () => (await DockerCli.ContainersAsync(project)).Single(container => container.Service == service), isSo, Token);
}
