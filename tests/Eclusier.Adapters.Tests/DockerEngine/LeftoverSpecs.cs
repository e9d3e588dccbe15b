using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.DockerEngine;

/// <summary>What is needed to put in order what an interrupted <c>docker compose up</c> left.</summary>
public sealed class LeftoverSpecs(EngineLab lab) : IClassFixture<EngineLab>, IAsyncDisposable
{
    private readonly List<string> networks = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var container in (await lab.Engine.ObserveAsync(lab.Project("networks"), CancellationToken.None)).Containers)
        {
            await lab.Engine.RemoveContainerAsync(container.Id, CancellationToken.None);
        }

        foreach (var network in networks)
        {
            await lab.Engine.RemoveNetworkAsync(network, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_container_gets_another_name_unless_that_is_taken()
    {
        var project = lab.Project("rename");
        var one = await lab.CreateAsync(project, "one", []);
        var other = await lab.CreateAsync(project, "other", []);

        Assert.True(await lab.Engine.RenameContainerAsync(one, $"{project}-new", Cancellation));
        Assert.False(await lab.Engine.RenameContainerAsync(other, $"{project}-new", Cancellation));
        Assert.False(await lab.Engine.RenameContainerAsync(new string('a', 64), $"{project}-else", Cancellation));

        var live = await lab.Engine.ObserveAsync(project, Cancellation);
        Assert.Equal($"{project}-new", live.Containers.Single(container => container.Id == one).Name);
    }

    [Fact]
    public async Task Networks_of_a_project_are_told_and_a_container_says_which_it_uses()
    {
        var project = lab.Project("networks");
        var (first, second) = (await MakeNetworkAsync(project), await MakeNetworkAsync(project));
        await lab.RunAsync(project, "web", ["--network", second], "stay");

        var found = await lab.Engine.ReadNetworksAsync(project, Cancellation);
        Assert.Equal(new[] { first, second }.Order(), found.Select(network => network.Id).Order());
        Assert.All(found, network => Assert.StartsWith($"{project}_default-", network.Name, StringComparison.Ordinal));
        Assert.Equal([second], Assert.Single((await lab.Engine.ObserveAsync(project, Cancellation)).Containers).Networks);

        await lab.Engine.RemoveNetworkAsync(first, Cancellation);
        await lab.Engine.RemoveNetworkAsync(first, Cancellation); // gone already
        Assert.Equal(second, Assert.Single(await lab.Engine.ReadNetworksAsync(project, Cancellation)).Id);
        Assert.Empty(await lab.Engine.ReadNetworksAsync(lab.Project("nobody"), Cancellation));
    }

    [Fact]
    public async Task Networks_and_volumes_are_found_by_their_names_and_what_is_gone_is_not()
    {
        var project = lab.Project("named");
        var network = await Tool.DockerAsync("network", "inspect", "--format", "{{.Name}}", await MakeNetworkAsync(project));
        var volume = await Tool.DockerAsync("volume", "create", $"{project}_data");
        try
        {
            var gone = $"{project}_gone";

            Assert.Equal([network], await lab.Engine.FindNetworksAsync([gone, network], Cancellation));
            Assert.Equal([volume], await lab.Engine.FindVolumesAsync([volume, gone], Cancellation));
            Assert.Empty(await lab.Engine.FindNetworksAsync([], Cancellation)); // not: all of the host
            Assert.Empty(await lab.Engine.FindVolumesAsync([], Cancellation));
        }
        finally
        {
            await Tool.DockerAsync("volume", "rm", volume);
        }
    }

    private async Task<string> MakeNetworkAsync(string project)
    {
        var id = await Tool.DockerAsync("network", "create", "--label", $"com.docker.compose.project={project}", "--internal", $"{project}_default-{networks.Count}");
        networks.Add(id);
        return id;
    }
}
