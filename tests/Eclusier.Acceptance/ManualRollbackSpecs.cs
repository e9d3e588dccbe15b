using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary><c>eclusier rollback</c>: a person goes back, and the stack stays there.</summary>
public sealed class ManualRollbackSpecs
{
    [Fact]
    public async Task It_goes_to_a_committed_release_and_stays_there_until_a_newer_commit()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 5s\ninterval: 300ms\nsoak: 500ms");
        var first = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));
        await shop.ExpectAsync("rolled-back", await shop.PushAsync("v3", version => version.Crashing()));

        var untouched = await DockerCli.RunningIdsAsync(shop.Stack);
        var refused = await shop.Host.RunAsync("rollback", shop.Stack, "--to", "3");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("release #3 was never committed: only a release that passed can be gone back to", refused.Error);
        var unknown = await shop.Host.RunAsync("rollback", shop.Stack, "--to", "17");
        Assert.True(unknown.ExitCode == 1 && unknown.Error.Contains("no release #17", StringComparison.Ordinal), unknown.ToString());
        Assert.Equal(untouched, await DockerCli.RunningIdsAsync(shop.Stack));

        await GoBackAsync(shop, "web v1", "rollback", shop.Stack);
        var status = await shop.StatusAsync();
        Assert.Equal(("behind", 1, first), (status.State, status.LastKnownGood?.Number, status.LastKnownGood?.Commit));
        Assert.Contains("until a newer commit", status.Message);
        await GoBackAsync(shop, "web v2", "rollback", shop.Stack, "--to", "2");

        await shop.ExpectAsync("committed", await shop.PushAsync("v4"));
        Assert.Equal("web v4", await shop.AnswerAsync());
    }

    private static async Task GoBackAsync(Shop shop, string answer, params string[] words)
    {
        var outcome = await shop.Host.RunAsync(words);
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("committed", StringComparison.Ordinal), outcome.ToString());
        Assert.Equal(answer, await shop.AnswerAsync());
        var newest = (await shop.HistoryAsync()).Deployments[0];
        Assert.Equal(("manual-rollback", "committed"), (newest.Cause, newest.Result));
        var containers = await DockerCli.RunningIdsAsync(shop.Stack);

        await shop.PollsAsync(4);

        Assert.Equal(newest.Id, (await shop.HistoryAsync()).Deployments[0].Id);
        Assert.Equal(containers, await DockerCli.RunningIdsAsync(shop.Stack));
    }
}
