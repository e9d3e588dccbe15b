using Eclusier.Lab;

namespace Eclusier.Demo;

/// <summary>All that the demo needs on this machine's loopback, and that goes away with it: a git server, a registry, the application, the agent.</summary>
internal sealed class Stage(Screen screen) : IAsyncDisposable
{
    /// <summary>The stack, and its Compose project.</summary>
    public const string StackName = "eclusier-demo";

    private readonly Stack<Func<ValueTask>> cleaning = [];
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int port = FreePort.Take();

    public GitRepository Repository { get; private set; } = null!;

    public SampleImages Images { get; private set; } = null!;

    public EclusierHost Host { get; private set; } = null!;

    /// <summary>The Compose file of the application.</summary>
    public string Compose => $$"""
        services:
          web:
            image: {{Images.Registry}}/shop/web:${IMAGE_TAG}
            restart: unless-stopped
            ports: ["127.0.0.1:{{port}}:8080"]
            healthcheck: { test: [CMD, /app, check], interval: 1s, timeout: 2s, retries: 3 }
          worker:
            image: {{Images.Registry}}/shop/worker:latest
            restart: unless-stopped

        """;

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        screen.Heading("The stage");
        HoldLock();
        cleaning.Push(() => { client.Dispose(); return ValueTask.CompletedTask; });
        await DockerCli.RemoveProjectAsync(StackName); // what a demo that was killed may have left

        Host = new EclusierHost { OnJournalLine = ShowJournalLine };
        cleaning.Push(Host.DisposeAsync);
        Host.CleansUp(StackName);

        var gitRoot = Directory.CreateDirectory(Path.Combine(Host.Folder, "git")).FullName;
        var git = await GitHttpServer.StartAsync(gitRoot);
        cleaning.Push(git.DisposeAsync);
        Repository = GitRepository.Create(Path.Combine(gitRoot, "shop.git"));
        screen.Say($"git repository   {git.UrlOf(Repository)}");

        var registry = await Registry.StartAsync();
        cleaning.Push(registry.DisposeAsync);
        Images = new SampleImages(registry.Host);
        cleaning.Push(() => { Images.Dispose(); return ValueTask.CompletedTask; });
        Host.CleansUpImagesOf(registry.Host);
        screen.Say($"registry         {registry.Host}");
        screen.Say($"application      http://127.0.0.1:{port} (web), and a worker");

        cleaning.Push(StopAgentAsync); // before what it depends on goes
        cancellationToken.ThrowIfCancellationRequested();
        Host.Configure($$"""
            interval: 1s
            stacks:
              {{StackName}}:
                repository: {{git.UrlOf(Repository)}}
                branch: main
                environment: { IMAGE_TAG: "main-{commit7}" }
                images: { wait: 1m, follow: [worker], interval: 2s }
                health:
                  timeout: 20s
                  interval: 1s
                  soak: 2s
                  probes:
                    - http: http://127.0.0.1:{{port}}/health
                      timeout: 2s
            """);
        screen.Say($"eclusier         monitor --config {Host.ConfigFile}");
        screen.Say("");
        screen.Say("The agent's own lines are shown as they come, after a bar; all but those that say that it looks for updates, each second.");
    }

    /// <summary>Starts the agent, or does nothing when it runs already.</summary>
    public async Task StartAgentAsync()
    {
        if (!Host.IsRunning)
        {
            await Host.StartAsync();
        }
    }

    /// <summary>What the application says of itself now.</summary>
    public async Task<string> AnswerAsync(CancellationToken cancellationToken) => $"{await WebAsync(cancellationToken)}, {await WorkerAsync()}";

    public async ValueTask DisposeAsync()
    {
        if (cleaning.Count == 0)
        {
            return;
        }

        screen.Heading("Cleaning up");
        while (cleaning.TryPop(out var clean))
        {
            try
            {
                await clean();
            }
            catch (Exception exception) // the rest is to be cleaned all the same
            {
                screen.Say($"not cleaned up: {exception.Message}");
            }
        }

        screen.Say("containers, networks, images, folders and processes of the demo are gone");
    }

    private async ValueTask StopAgentAsync()
    {
        if (Host.IsRunning)
        {
            await Host.StopAsync();
        }
    }

    private async Task<string> WebAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync($"http://127.0.0.1:{port}/", cancellationToken);
            return answer.IsSuccessStatusCode ? (await answer.Content.ReadAsStringAsync(cancellationToken)).Trim() : $"web answers {(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return "web does not answer";
        }
    }

    /// <summary>The worker tells its version with every line it prints: <c>worker v1: working, round 7</c>.</summary>
    private static async Task<string> WorkerAsync()
    {
        var worker = (await DockerCli.ContainersAsync(StackName)).FirstOrDefault(container => container is { Service: "worker", State: "running" });
        if (worker is null)
        {
            return "worker does not run";
        }

        var line = await DockerCli.RunAsync("logs", "--tail", "1", worker.Id);
        return line.Split(':')[0];
    }

    private void ShowJournalLine(string line)
    {
        if (!line.Contains("Checking for updates", StringComparison.Ordinal))
        {
            screen.Agent(line);
        }
    }

    /// <summary>The Compose project's name is fixed, so that a killed demo can be tidied up by the next: two at once would tidy up each other.</summary>
    private void HoldLock()
    {
        var file = Path.Combine(Path.GetTempPath(), "eclusier-demo.lock");
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            cleaning.Push(held.DisposeAsync);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException("another demo is running on this machine", exception);
        }
    }
}
