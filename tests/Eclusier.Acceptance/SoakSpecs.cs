using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A release that starts well is watched for a while before it counts.</summary>
public sealed class SoakSpecs : IAsyncLifetime
{
    private const string Health = "timeout: 10s\ninterval: 500ms\nsoak: 6s";

    private Shop shop = null!;

    public async ValueTask InitializeAsync()
    {
        shop = await Shop.CreateAsync(health: Health);
        var good = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", good);
    }

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task One_that_is_healthy_at_first_and_fails_while_it_is_watched()
    {
        var deployment = await ExpectRollbackAsync(version => version.With("fail_after", "4"), "did not stay so.*500");
        Assert.Contains(deployment.Steps, step => step is { Step: "health-gate", Succeeded: true });
        Assert.Contains(deployment.Steps, step => step is { Step: "soak", Succeeded: false });
    }

    [Fact]
    public async Task One_that_starts_well_and_dies_while_it_is_watched()
    {
        shop.WebKeys = "restart: unless-stopped";
        var deployment = await ExpectRollbackAsync(version => version.With("die_after", "4").With("die_code", "9"), "did not stay so.*(was restarted once|is restarting, last exit code 9|exited with code 9)");
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("fatal: lost the connection to the database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_whose_healthcheck_turns_unhealthy_while_it_is_watched()
    {
        shop.Configure(health: Health, probe: false);
        await shop.Host.StopAsync();
        await shop.Host.StartAsync();

        var deployment = await ExpectRollbackAsync(version => version.With("unhealthy_after", "3") with { HasHealthcheck = true }, "is unhealthy");

        Assert.Contains(deployment.Steps, step => step is { Step: "health-gate", Succeeded: true });
        Assert.Contains(deployment.Evidence, evidence => evidence.Text.Contains("/health: HTTP 500", StringComparison.Ordinal));
    }

    private async Task<DeploymentView> ExpectRollbackAsync(Func<Behaviour, Behaviour> bits, string reason)
    {
        var deployment = await shop.ExpectAsync("rolled-back", await shop.PushAsync("v2", bits));
        Assert.Matches(new Regex(reason, RegexOptions.Singleline), deployment.Reason);
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(1, (await shop.StatusAsync()).LastKnownGood?.Number);
        return deployment;
    }
}
