using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Tests.Registries;
using Eclusier.Core.Images;
using Eclusier.Lab;
using Engine = Eclusier.Adapters.DockerEngine.DockerEngine;

namespace Eclusier.Adapters.Tests.DockerEngine;

/// <summary>The machine's real engine, with containers, images and a registry that go away after the tests.</summary>
public sealed class EngineLab : IAsyncLifetime
{
    private readonly DockerFolder folder = new();
    private readonly List<string> images = [];

    /// <summary>Part of every name, so that tests that run at the same time do not meet.</summary>
    public string Id { get; } = $"ecl{Guid.NewGuid():N}"[..12];

    public Registry Registry { get; private set; } = null!;

    public Engine Engine { get; private set; } = null!;

    /// <summary>A local image of the box, which needs no registry.</summary>
    public string Box { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Registry = await Registry.StartAsync();
        Engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions());
        Box = await PullAsync(new TestImage { Version = Id }, "box");
    }

    public async ValueTask DisposeAsync()
    {
        if (await Tool.DockerAsync("ps", "-aq", "--filter", $"label=lab={Id}") is { Length: > 0 } containers)
        {
            await Tool.DockerAsync(["rm", "-fv", .. containers.Split('\n')]);
        }

        foreach (var image in images)
        {
            // not by the engine under test: what a test broke must not stay behind
            if (await Tool.DockerAsync("images", "-q", "--no-trunc", image) is { Length: > 0 } ids)
            {
                await Tool.DockerAsync(["rmi", "-f", .. ids.Split('\n').Distinct()]);
            }
        }

        Engine.Dispose();
        folder.Dispose();
        await Registry.DisposeAsync();
    }

    public string Project(string name) => $"{Id}-{name}";

    public ImageReference Image(string text)
    {
        images.Add(text);
        return ImageReference.TryParse(text, out var image) ? image : throw new ArgumentException(text);
    }

    /// <summary>Pushes an image to the lab's registry and pulls it.</summary>
    public async Task<string> PullAsync(TestImage image, string repository)
    {
        await image.PushAsync(Registry, repository, Id);
        var name = $"{Registry.Host}/{repository}:{Id}";
        images.Add(name);
        await Tool.DockerAsync("pull", "-q", name);
        return name;
    }

    /// <summary>Creates a container as Compose would label it.</summary>
    /// <returns>Its id.</returns>
    public Task<string> CreateAsync(string project, string service, IReadOnlyList<string> options, params IReadOnlyList<string> command) => Tool.DockerAsync(
    [
        "create", .. (options.Contains("--network") ? Array.Empty<string>() : ["--network", "none"]), "--name", $"{project}-{service}-{Guid.NewGuid():N}"[..^26],
        "--label", $"lab={Id}",
        "--label", $"com.docker.compose.project={project}",
        "--label", $"com.docker.compose.service={service}",
        "--label", "com.docker.compose.oneoff=False",
        .. options, Box, .. command,
    ]);

    public async Task<string> RunAsync(string project, string service, IReadOnlyList<string> options, params IReadOnlyList<string> command)
    {
        var id = await CreateAsync(project, service, options, command);
        await Tool.DockerAsync("start", id);
        return id;
    }

    public static Task WaitAsync(string containerId) => Tool.DockerAsync("wait", containerId);
}
