using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Somebody lays hands on the containers while a release is put to the proof.</summary>
public sealed class DisturbedProofSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no")]
    [InlineData("always")]
    public async Task A_container_that_is_removed_at_the_gate_is_brought_back(string restart)
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = $"restart: \"{restart}\"";
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", "6"));
        await shop.Host.AwaitLineAsync("Health check 2:", from, cancellationToken: Token);
        var container = await shop.ContainerAsync("web");

        await DockerCli.RunAsync("rm", "--force", container.Id);

        await shop.ExpectAsync("committed", commit);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.NotEqual(container.Id, (await shop.ContainerAsync("web")).Id);
        Assert.Empty((await shop.StatusAsync()).Quarantined);
    }
}
