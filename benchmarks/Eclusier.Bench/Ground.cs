using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What is measured on: a git server, a registry and the agent, all on this machine's loopback, gone with it.</summary>
internal sealed class Ground : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> cleaning = [];

    public GitHttpServer Git { get; private set; } = null!;

    public SampleImages Images { get; private set; } = null!;

    /// <summary>What stands before the registry, where something does: images are then pulled through it.</summary>
    public CountingRelay? ImageRelay { get; private set; }

    public EclusierHost Host { get; private set; } = null!;

    public static async Task<Ground> SetUpAsync()
    {
        var ground = new Ground();
        try
        {
            ground.Host = new EclusierHost();
            ground.cleaning.Push(ground.Host.DisposeAsync);
            ground.Git = await GitHttpServer.StartAsync(Directory.CreateDirectory(ground.GitRoot).FullName);
            ground.cleaning.Push(ground.Git.DisposeAsync);
            var registry = await Registry.StartAsync();
            ground.cleaning.Push(registry.DisposeAsync);
            ground.Images = new SampleImages(registry.Host);
            ground.cleaning.Push(() => { ground.Images.Dispose(); return ValueTask.CompletedTask; });
            ground.Host.CleansUpImagesOf(registry.Host);
            ground.cleaning.Push(async () => await ground.StopAgentAsync()); // before what it depends on goes
            return ground;
        }
        catch
        {
            await ground.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on images are pulled through a relay.</summary>
    public CountingRelay PutRelayBeforeRegistry()
    {
        var relay = new CountingRelay(int.Parse(Images.Registry.Split(':')[1]));
        cleaning.Push(relay.DisposeAsync);
        Host.CleansUpImagesOf(relay.Host);
        ImageRelay = relay;
        return relay;
    }

    public GitRepository NewRepository(string name) => GitRepository.Create(Path.Combine(GitRoot, $"{name}.git"));

    /// <summary>The application: a service that changes, and one that stays.</summary>
    public string Compose(string name, int port) => $$"""
        services:
          web:
            image: {{ImageHost}}/{{name}}/web:${IMAGE_TAG}
            restart: unless-stopped
            ports: ["127.0.0.1:{{port}}:8080"]
          worker:
            image: {{ImageHost}}/{{name}}/worker:stable
            restart: unless-stopped

        """;

    public async Task StopAgentAsync()
    {
        if (Host.IsRunning)
        {
            await Host.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var troubles = new List<Exception>();
        while (cleaning.TryPop(out var clean))
        {
            try
            {
                await clean();
            }
            catch (Exception exception) // the rest is to be cleaned all the same
            {
                troubles.Add(exception);
            }
        }

        if (troubles.Count > 0)
        {
            throw new AggregateException("not everything was cleaned up", troubles);
        }
    }

    private string ImageHost => ImageRelay?.Host ?? Images.Registry;

    private string GitRoot => Path.Combine(Host.Folder, "git");
}
