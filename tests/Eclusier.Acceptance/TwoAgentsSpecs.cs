using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Two agents with different state folders that are told to keep the same project.</summary>
public sealed class TwoAgentsSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_one_is_blocked_and_told_who_has_the_project_and_what_that_one_does()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 60s\ninterval: 500ms\nsoak: 1s");
        await shop.BeginWithAsync("v1");
        var from = shop.Host.Journal.Count;
        var commit = await shop.PushAsync("v2", version => version.With("start_delay", "15"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);

        var second = await RunSecondAsync(shop);

        Assert.Equal(4, second.ExitCode);
        Assert.Contains($"the Compose project {shop.Stack} of stack {shop.Stack} is handled by monitor with the state folder {shop.Host.StateDirectory} (pid {shop.Host.DaemonId}", second.ToString(), StringComparison.Ordinal);
        Assert.Contains($"deploying stack {shop.Stack} since ", second.ToString(), StringComparison.Ordinal);
        await shop.ExpectAsync("committed", commit);

        await shop.Host.KillAsync(); // its death gives the lock back
        var third = await RunSecondAsync(shop);
        Assert.True(third.ExitCode == 0, third.ToString());
    }

    private static Task<CommandOutcome> RunSecondAsync(Shop shop)
    {
        var configuration = Path.Combine(shop.Host.Folder, "second.yaml");
        File.WriteAllText(configuration, File.ReadAllText(shop.Host.ConfigFile).Replace(shop.Host.StateDirectory, Path.Combine(shop.Host.Folder, "second"), StringComparison.Ordinal));
        return LabProcess.RunAsync(shop.Host.Program, ["deploy", shop.Stack, "--config", configuration], shop.Host.Environment, shop.Host.Folder, TimeSpan.FromMinutes(2));
    }
}
