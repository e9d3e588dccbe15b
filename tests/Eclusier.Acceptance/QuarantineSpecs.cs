using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What failed once is not tried again by itself, and what is known of it can be read.</summary>
public sealed class QuarantineSpecs : IAsyncLifetime
{
    private Shop shop = null!;
    private string bad = "";

    public async ValueTask InitializeAsync()
    {
        shop = await Shop.CreateAsync(health: "timeout: 5s\ninterval: 300ms\nsoak: 500ms");
        var good = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", good);
        bad = await shop.PushAsync("v2", version => version.Crashing(3));
        await shop.ExpectAsync("rolled-back", bad);
    }

    public ValueTask DisposeAsync() => shop.DisposeAsync();

    [Fact]
    public async Task After_a_rollback_nothing_is_tried_until_the_next_commit_which_is_deployed_by_itself()
    {
        var containers = await DockerCli.RunningIdsAsync(shop.Stack);
        var attempts = (await shop.HistoryAsync()).Deployments.Count;

        await shop.PollsAsync(20);

        Assert.Equal(attempts, (await shop.HistoryAsync()).Deployments.Count);
        Assert.Equal(containers, await DockerCli.RunningIdsAsync(shop.Stack));
        Assert.Equal("rolled-back", (await shop.StatusAsync()).State);
        await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.Equal("web v3", await shop.AnswerAsync());
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
    }

    [Fact]
    public async Task Retry_and_forced_deploy_try_it_once_more_each()
    {
        var attempts = (await shop.HistoryAsync()).Deployments.Count;
        var refused = await shop.Host.RunAsync("deploy", shop.Stack);
        Assert.True(refused.ExitCode == 4 && refused.Output.Contains($"eclusier retry {shop.Stack}", StringComparison.Ordinal), refused.ToString());

        await TryAsync("retry", ["retry", shop.Stack]);
        await TryAsync("command", ["deploy", shop.Stack, "--force"]);
        await shop.PollsAsync(4);

        Assert.Equal(["command", "retry"], (await shop.HistoryAsync()).Deployments.SkipLast(attempts).Where(deployment => deployment.Result != "blocked").Select(deployment => deployment.Cause));
        Assert.Equal("web v1", await shop.AnswerAsync());
        Assert.Equal(bad, Assert.Single((await shop.StatusAsync()).Quarantined).Commit);

        async Task TryAsync(string cause, string[] words)
        {
            var outcome = await shop.Host.RunAsync(words);
            Assert.True(outcome.ExitCode == 3 && outcome.Output.Contains("exited with code 3", StringComparison.Ordinal), outcome.ToString());
            var newest = (await shop.HistoryAsync()).Deployments[0];
            Assert.Equal((cause, "rolled-back", bad), (newest.Cause, newest.Result, newest.Commit));
        }
    }

    [Fact]
    public async Task The_evidence_can_be_read_in_text_and_json()
    {
        var text = (await shop.Host.RunAsync("show", "2")).Succeeded();
        Assert.Contains("fatal: cannot open database", text);
        Assert.Contains("exited with code 3", text);
        Assert.Contains("quarantined", text);

        var document = JsonNode.Parse((await shop.Host.RunAsync("show", "2", "--output", "json")).Succeeded())!;
        var release = document["release"]!;
        Assert.Equal((bad, 2), ((string?)release["commit"], (int)release["number"]!));
        Assert.Contains("exited with code 3", (string?)release["quarantineReason"]);
        Assert.NotNull((string?)release["quarantinedAt"]);

        var deployment = (await shop.HistoryAsync()).Deployments[0];
        Assert.Contains(deployment.Evidence, evidence => evidence == new EvidenceView($"container {shop.Stack}-web-1", "exited with code 3"));
        Assert.Contains(deployment.Evidence, evidence => evidence.Subject == $"last lines of {shop.Stack}-web-1" && evidence.Text.StartsWith("fatal: cannot open database", StringComparison.Ordinal));
        Assert.Contains(deployment.Steps, step => step is { Step: "health-gate", Succeeded: false } && step.Detail.Contains("exited with code 3", StringComparison.Ordinal));
        Assert.Equal(["roll-back", "verify"], deployment.Steps.TakeLast(2).Select(step => step.Step));
    }
}
