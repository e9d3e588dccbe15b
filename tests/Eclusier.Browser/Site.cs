using Eclusier.Lab;

namespace Eclusier.Browser;

/// <summary>An installation with a dashboard and some stacks: real Docker, real git, a real registry.</summary>
public sealed class Site : IAsyncLifetime
{
    private static readonly string[] Names = ["webshop", "boutique", "blog", "wiki"];

    private readonly EclusierHost host = new();
    private readonly Dictionary<string, GitRepository> repositories = [];
    private Registry? registry;
    private SampleImages? images;

    /// <summary>Where the dashboard answers.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Take()}/");

    internal EclusierHost Host => host;

    public async ValueTask InitializeAsync()
    {
        registry = await Registry.StartAsync();
        images = new SampleImages(registry.Host);
        host.CleansUpImagesOf(registry.Host);
        var stacks = "";
        foreach (var name in Names)
        {
            var project = host.NewStack(name);
            host.CleansUp(name); // the images that were kept for it
            repositories[name] = GitRepository.Create(Path.Combine(host.Folder, "git", $"{name}.git"));
            var port = FreePort.Take();
            ports[name] = port;
            stacks += $$"""
                  {{name}}:
                    repository: {{repositories[name].Bare}}
                    project: {{project}}
                    health:
                      timeout: 8s
                      interval: 500ms
                      soak: 1s
                      probes: [{ http: "http://127.0.0.1:{{port}}/health", timeout: 2s }]

                """;
        }

        host.Configure($"interval: 3s\napi:\n  listen: {Address.Authority}\nstacks:\n{stacks}");
        foreach (var name in Names)
        {
            await PushAsync(name, "v1", "Serve the first page");
        }

        await host.StartAsync();
        foreach (var name in Names)
        {
            await host.AwaitDeploymentAsync(name, repositories[name].Head);
        }
    }

    /// <summary>Pushes an image and a commit that uses it.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string stack, string version, string subject, Func<Behaviour, Behaviour>? bits = null)
    {
        var good = new Behaviour("web", version) { Mode = "serve" };
        await images!.PushAsync($"{stack}/web", version, bits is null ? good : bits(good));
        return repositories[stack].Commit(subject, ("compose.yaml", $$"""
            services:
              web:
                image: {{registry!.Host}}/{{stack}}/web:{{version}}
                ports: ["127.0.0.1:{{ports[stack]}}:8080"]
                environment: { VERSION: "{{version}}", DATABASE_PASSWORD: "hunter2-{{version}}" }

            """));
    }

    /// <returns>The text of a new token.</returns>
    public async Task<string> CreateTokenAsync(string name, string role) => (await host.RunAsync("token", "create", name, "--role", role)).Succeeded().Trim();

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        images?.Dispose();
        if (registry is not null)
        {
            await registry.DisposeAsync();
        }
    }

    private readonly Dictionary<string, int> ports = [];
}
