using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Where commits come from: branches that are rewritten or deleted, tags, fixed commits, servers that ask who is there.</summary>
public sealed class SourceInputSpecs
{
    [Fact]
    public async Task Rewritten_history_is_followed_with_a_warning_or_refused_where_that_is_asked_for()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.StartAsync();
        var first = await shop.DeployGoodAsync();
        await shop.DeployGoodAsync();

        var other = Rewrite(shop, first);
        await shop.ExpectAsync("committed", other);
        Assert.Contains(shop.Host.Journal, line => line.Contains("History was rewritten", StringComparison.Ordinal) && line.Contains(other[..7], StringComparison.Ordinal));
        Assert.Equal(other, shop.Head());

        await shop.StartAsync("history: fast-forward-only");
        await shop.ExpectRejectedAsync(() => Rewrite(shop, first), other[..7], "history was rewritten", "`history: fast-forward-only`");

        shop.Repository.ResetTo(other);
        var next = shop.Repository.CommitLocally("On top of what is deployed", ("compose.yaml", shop.GoodCompose()));
        shop.Repository.ForcePush();
        await shop.ExpectAsync("committed", next);
    }

    [Fact]
    public async Task A_deleted_branch_is_missed_until_it_comes_back()
    {
        await using var shop = await Shop.CreateAsync();
        shop.Repository.Commit("The beginning");
        shop.Repository.Branch("production");
        await shop.StartAsync("branch: production");
        await shop.DeployGoodAsync();
        var rows = (await shop.HistoryAsync()).Deployments.Count;
        var before = await shop.SnapshotAsync();
        var line = shop.Host.Journal.Count;

        shop.Repository.DeleteBranch("production");
        var status = await shop.AwaitStatusAsync("the branch is missed", status => status.State == "rejected");
        Assert.Contains("production", status.Message);
        await shop.PollsAsync(2);
        Assert.Equal(before, await shop.SnapshotAsync());
        Assert.Equal(rows, (await shop.HistoryAsync()).Deployments.Count);
        Assert.Single(shop.Host.Journal.Skip(line), text => text.Contains(status.Message, StringComparison.Ordinal));

        shop.Repository.Push();
        await shop.AwaitStatusAsync("the branch is back", status => status.State == "healthy");
        Assert.Equal(before, await shop.SnapshotAsync());
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task The_newest_version_among_the_tags_is_deployed()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        string Tag(string tag)
        {
            var commit = shop.Repository.Commit($"Version {tag}", ("compose.yaml", shop.ComposeWith($"environment: {{ TAG: '{tag}' }}")));
            shop.Repository.Tag(tag, tag == "v1.10.0" ? "annotated" : null);
            return commit;
        }

        Tag("v1.2.0");
        var newest = Tag("v1.10.0");
        Tag("v1.9.0");
        Tag("v2.0.0-rc.1"); // newer by number, but not a release
        Tag("other-3.0.0");
        await shop.StartAsync("tag: \"v1*\"");
        await shop.ExpectAsync("committed", newest);
        Assert.Equal("v1.10.0", await shop.AnswerAsync("/env?TAG"));
        Assert.Equal("v1.10.0", (await shop.StatusAsync()).Desired?.Ref);

        await shop.StartAsync("tag: \"v*\"");
        var next = Tag("v2.1.0");
        await shop.ExpectAsync("committed", next);
        Assert.Equal("v2.1.0", await shop.AnswerAsync("/env?TAG"));

        shop.Repository.Commit("Nobody tagged this", ("compose.yaml", shop.GoodCompose()));
        Tag("v2.0.9");
        var before = await shop.SnapshotAsync();
        await shop.PollsAsync(2);
        Assert.Equal(before, await shop.SnapshotAsync());
    }

    [Fact]
    public async Task A_fixed_commit_stays_and_one_that_does_not_exist_is_rejected()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        var first = shop.Repository.Commit("The one", ("compose.yaml", shop.GoodCompose()));
        shop.Repository.Commit("A later one", ("compose.yaml", shop.GoodCompose()));
        await shop.StartAsync($"commit: {first}");
        await shop.ExpectAsync("committed", first);
        var before = await shop.SnapshotAsync();

        shop.Repository.Commit("And another", ("compose.yaml", shop.GoodCompose()));
        await shop.PollsAsync(2);
        Assert.Equal(before, await shop.SnapshotAsync());
        Assert.Equal("round 1", await shop.AnswerAsync("/env?ROUND"));

        var nowhere = new string('1', 40);
        await shop.StartAsync($"commit: {nowhere}");
        var status = await shop.AwaitStatusAsync("the commit is not found", status => status.State == "rejected");
        Assert.Contains($"commit {nowhere} does not exist", status.Message);
        Assert.Equal(before, await shop.SnapshotAsync());
    }

    [Fact]
    public async Task A_token_signs_in_over_HTTP_and_is_seen_nowhere()
    {
        const string Token = "glpat-q7Zr2vHoistTheGate";
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.GetDirectoryName(shop.Repository.Bare)!);
        git.Credential = ("deploy", Token);
        var seen = new List<string>();
        var looked = 0;
        git.FailFor = _ =>
        {
            if (Traces.Runs($"{git.Url}/"))
            {
                // the request is held up meanwhile: a git that fetches from here runs now
                seen.AddRange(Traces.InProcesses(Token));
                looked++;
            }

            return null;
        };
        var tokenFile = Path.Combine(shop.Host.Folder, "token");
        File.WriteAllText(tokenFile, Token + "\n");
        await shop.StartAsync($"repository: {git.UrlOf(shop.Repository)}\nauth: {{ token_file: {tokenFile}, username: deploy }}");

        await shop.DeployGoodAsync();
        await shop.DeployGoodAsync();
        var requests = git.RequestCount;
        await shop.PollsAsync(4);
        Assert.InRange(git.RequestCount - requests, 4, 15); // two small ones each

        Assert.True(looked > 0);
        Assert.Empty(seen);
        Assert.Empty(Traces.OfSecret(Token, shop.Host.StateDirectory));

        File.WriteAllText(tokenFile, "expired-token");
        var status = await shop.AwaitStatusAsync("the token is refused", status => status.State == "rejected");
        Assert.Contains("127.0.0.1", status.Message);
        Assert.DoesNotContain("expired-token", string.Join('\n', shop.Host.Journal));
        Assert.DoesNotContain(Token, string.Join('\n', shop.Host.Journal));
        Assert.DoesNotContain(Token, (await shop.Host.RunAsync("history", shop.Stack, "--output", "json")).Output);

        File.WriteAllText(tokenFile, Token); // a replaced token counts at once
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task An_SSH_key_signs_in_and_an_unknown_server_is_refused()
    {
        await using var shop = await Shop.CreateAsync();
        await using var server = await SshServer.StartAsync(Path.Combine(shop.Host.Folder, "ssh"));
        string Settings(string knownHosts) => $"repository: {server.UrlOf(shop.Repository)}\nauth: {{ ssh_key_file: '{server.UserKeyFile}', known_hosts_file: '{knownHosts}' }}";
        await shop.StartAsync(Settings(server.KnownHostsFile));
        await shop.DeployGoodAsync();
        var before = await shop.SnapshotAsync();

        var strangers = Path.Combine(shop.Host.Folder, "strangers");
        File.WriteAllText(strangers, "");
        await shop.StartAsync(Settings(strangers));
        var status = await shop.AwaitStatusAsync("the server is not known", status => status.State == "rejected");
        Assert.Contains("known hosts", status.Message);
        Assert.Equal(before, await shop.SnapshotAsync());

        await shop.StartAsync(Settings(server.KnownHostsFile));
        await shop.DeployGoodAsync();
    }

    [Fact]
    public async Task Two_stacks_of_one_repository_leave_each_other_alone()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushImageAsync("web", "v1", "v1");
        var (front, back) = (shop.Stack, shop.Host.NewStack("back"));
        string Back(string round) => $"services: {{ api: {{ image: '{shop.Image("web", "v1")}', stop_grace_period: 1s, environment: {{ ROUND: '{round}' }} }} }}\n";
        string Stack(string name, string directory) => $"""
              {name}:
                repository: {shop.Repository.Bare}
                directory: {directory}
                health: {"{"} timeout: 15s, interval: 500ms, soak: 1s {"}"}

            """;
        var first = shop.Repository.Commit("Both", ("front/compose.yaml", shop.GoodCompose()), ("back/compose.yaml", Back("1")));
        await shop.StartWithAsync(Stack(front, "front") + Stack(back, "back"));
        await shop.ExpectAsync("committed", first);
        Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(back, first, cancellationToken: TestContext.Current.CancellationToken)).Result);
        var (frontId, backId) = (await DockerCli.RunningIdsAsync(front), await DockerCli.RunningIdsAsync(back));

        var second = shop.Repository.Commit("Only the back", ("back/compose.yaml", Back("2")));

        Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(back, second, cancellationToken: TestContext.Current.CancellationToken)).Result);
        var upToDate = await shop.ExpectAsync("up-to-date", second);
        Assert.Contains("changes nothing for this stack", upToDate.Reason);
        Assert.Equal(frontId, await DockerCli.RunningIdsAsync(front));
        Assert.NotEqual(backId, await DockerCli.RunningIdsAsync(back));
        Assert.Equal("healthy", (await shop.StatusAsync()).State);
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(shop.Host.StateDirectory, "sources"), "*.git")); // one mirror for both
    }

    private static string Rewrite(Shop shop, string onto)
    {
        shop.Repository.ResetTo(onto);
        var commit = shop.Repository.CommitLocally("Written again", ("compose.yaml", shop.GoodCompose()));
        shop.Repository.ForcePush();
        return commit;
    }
}
