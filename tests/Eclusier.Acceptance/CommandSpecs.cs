using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The commands as a person and a script use them: what they print where, and their exit codes, with a daemon and without.</summary>
public sealed class CommandSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_tells_each_service_s_change_and_reason_and_touches_nothing(bool withDaemon)
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        await shop.PushImageAsync("worker", "v1", "v1", mode: "worker");
        shop.MoreServices = $"worker: {{ image: {shop.Image("worker", "v1")} }}\nold: {{ image: {shop.Image("worker", "v1")} }}";
        await shop.BeginWithAsync("v1");
        if (!withDaemon)
        {
            await shop.Host.StopAsync();
        }

        var nothing = await shop.RunAsync("plan");
        Assert.True(nothing.ExitCode == 0, nothing.ToString());
        Assert.Contains("nothing would change", nothing.Output);

        shop.MoreServices = $"worker: {{ image: {shop.Image("worker", "v1")} }}\nfresh: {{ image: {shop.Image("worker", "v1")} }}";
        shop.WebKeys = "environment: { COLOUR: blue }";
        var commit = await shop.PushAsync("v2");
        var before = await SeeAsync(shop);
        var plan = await shop.RunAsync("plan");
        var json = (await shop.AskAsync("plan", shop.Stack))["plans"]!.AsArray().Single()!;

        Assert.True(plan.ExitCode == 2, plan.ToString());
        Assert.Contains($"main@{commit[..7]}", plan.Output);
        Assert.Matches(@"~ +web +recreate +.*(image.*environment|environment.*image)", plan.Output);
        Assert.Matches(@"\+ +fresh +create +new", plan.Output);
        Assert.Matches(@"= +worker +keep", plan.Output);
        Assert.Matches(@"- +old +remove +no longer in the project", plan.Output);
        Assert.Equal(
            ["fresh create", "old remove", "web recreate", "worker keep"],
            json["changes"]!.AsArray().Select(change => $"{change!["service"]} {change["action"]}").Order());
        Assert.All(json["changes"]!.AsArray(), change => Assert.Equal((string)change!["action"]! == "keep", change["reasons"]!.AsArray().Count == 0));
        Assert.True((bool)json["hasChanges"]!);
        Assert.Equal(before, await SeeAsync(shop));
        Assert.DoesNotContain((await shop.HistoryAsync()).Deployments, deployment => deployment.Commit == commit);

        Assert.Equal(0, (await shop.RunAsync("deploy")).ExitCode);
        Assert.Equal(0, (await shop.RunAsync("plan")).ExitCode);
        Assert.Equal(["fresh", "web", "worker"], (await shop.ContainersAsync()).Select(container => container.Service));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_tells_by_its_exit_code_what_became_of_it(bool withDaemon)
    {
        await using var shop = await Shop.CreateAsync("interval: 1h\nimages: { wait: 2s }", "timeout: 6s\ninterval: 500ms\nsoak: 500ms");
        await shop.PushAsync("v1");
        if (withDaemon)
        {
            await shop.Host.StartAsync();
        }

        await DeployAsync(0, "release #1");
        await DeployAsync(0, "up-to-date");
        await shop.PushAsync("v2", version => version.Crashing());
        await DeployAsync(3, "fatal: cannot open database"); // the evidence is told with it
        await DeployAsync(4, "release #2 is in quarantine");
        var retry = await shop.RunAsync("retry");
        Assert.True(retry.ExitCode == 3, retry.ToString());
        shop.Repository.Commit("No Compose file any more", ("compose.yaml", "services: [web\n"));
        await DeployAsync(1, "are not valid: yaml: line ");
        shop.Repository.Commit("CI is slow", ("compose.yaml", shop.Compose("v3")));
        await DeployAsync(5, shop.Image("web", "v3"));
        Assert.Equal("web v1", await shop.AnswerAsync());
        await shop.PushAsync("v4");
        await DeployAsync(0, "release #3");
        Assert.Equal("web v4", await shop.AnswerAsync());

        async Task DeployAsync(int exitCode, string says)
        {
            var deploy = await shop.RunAsync("deploy");
            Assert.True(deploy.ExitCode == exitCode, deploy.ToString());
            Assert.True((deploy.Output + deploy.Error).Contains(says, StringComparison.Ordinal), $"'{says}' is not in {deploy}");
            Assert.Equal(!withDaemon, deploy.Error.Contains("no daemon is running", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reports_say_the_same_to_people_and_to_programs(bool withDaemon)
    {
        await using var shop = await Shop.CreateAsync("interval: 1h", "timeout: 6s\ninterval: 500ms\nsoak: 500ms");
        await shop.BeginWithAsync("v1");
        var bad = await shop.PushAsync("v2", version => version.Crashing(7));
        Assert.Equal(3, (await shop.RunAsync("deploy")).ExitCode);
        if (!withDaemon)
        {
            await shop.Host.StopAsync();
        }

        var status = (await shop.AskAsync("status"))["stacks"]!.AsArray().Single()!;
        Assert.Equal("rolled-back", (string)status["state"]!);
        Assert.Equal(1, (int)status["lastKnownGood"]!["number"]!);
        Assert.Equal(1, (int)status["running"]!["number"]!);
        Assert.Equal(bad, (string)status["desired"]!["commit"]!);
        Assert.Equal("Web v2", (string)status["desired"]!["subject"]!);
        Assert.Equal(2, (int)status["quarantined"]!.AsArray().Single()!["number"]!);
        Assert.Equal("running", (string)status["services"]!.AsArray().Single()!["state"]!);
        Assert.True((bool)status["rollbackPossible"]!);
        var text = await TextAsync("status");
        Assert.Contains($"{shop.Stack}: rolled-back", text);
        Assert.Matches(@"quarantined +#2", text);
        Assert.Matches(@"web +\S+-web-1 +running", text);

        var history = await shop.AskAsync("history", shop.Stack);
        var deployment = history["deployments"]![0]!;
        Assert.Equal(["rolled-back", "committed"], history["deployments"]!.AsArray().Select(item => (string)item!["result"]!));
        Assert.Equal("apply", (string)deployment["steps"]!.AsArray().Single(step => (string)step!["step"]! == "apply")!["step"]!);
        Assert.Contains(deployment["evidence"]!.AsArray(), evidence => ((string)evidence!["text"]!).Contains("fatal: cannot open database", StringComparison.Ordinal));
        Assert.Equal(2, history["releases"]!.AsArray().Count);
        text = await TextAsync("history");
        Assert.Matches($"#2 +rolled-back .*{bad[..7]} +Web v2", text);
        Assert.Matches("#1 +last known good", text);

        var release = await shop.AskAsync("show", "2");
        Assert.NotNull(release["release"]!["quarantineReason"]);
        Assert.StartsWith(shop.Image("web", "v2"), (string)release["services"]!.AsArray().Single()!["image"]!);
        Assert.Equal("rolled-back", (string)release["deployments"]!.AsArray().Single()!["result"]!);
        text = await TextAsync("show", "2");
        Assert.Contains("fatal: cannot open database", text);
        Assert.Matches("health-gate.*failed", text);
        Assert.Matches("verify.*ok", text);

        var stats = (await shop.AskAsync("stats"));
        Assert.Equal(withDaemon, stats["daemonStartedAt"] is not null);
        Assert.Equal(1, (int)stats["stacks"]![0]!["sevenDays"]!["rolled-back"]!);
        Assert.Matches("1 committed, 1 rolled-back", await TextAsync("stats"));

        var logs = (await shop.AskAsync("logs"))["entries"]!.AsArray();
        Assert.Contains(logs, line => (string)line!["source"]! == "eclusier" && ((string)line["text"]!).Contains("rolled-back", StringComparison.Ordinal));
        Assert.Contains(logs, line => (string)line!["source"]! == $"{shop.Stack}-web-1" && (string)line["text"]! == "web v1: serving on port 8080");
        text = await TextAsync("logs");
        Assert.Matches(@"-web-1 +\| web v1: serving on port 8080", text);
        Assert.Equal(2, (await TextAsync("logs", "--lines", "2")).Trim().Split('\n').Length);

        async Task<string> TextAsync(params string[] words) => (await shop.Host.RunAsync(words)).Succeeded();
    }

    [Fact]
    public async Task Following_the_logs_shows_deployments_and_the_new_containers_they_make()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.BeginWithAsync("v1");
        await using var logs = LabProcess.Start(ProgramFile, ["logs", shop.Stack, "-f", "--config", shop.Host.ConfigFile], shop.Host.Environment);
        await AwaitAsync("web v1: serving");

        await shop.ExpectAsync("committed", await shop.PushAsync("v2"));

        await AwaitAsync("New commit detected");
        await AwaitAsync("Step apply done");
        await AwaitAsync("web v2: serving");
        await AwaitAsync("is committed: last known good");
        logs.Signal(15);
        Assert.Equal(0, await logs.WaitForExitAsync(TimeSpan.FromSeconds(5), Token));

        Task AwaitAsync(string text) => Wait.ForAsync($"the logs show '{text}'", TimeSpan.FromSeconds(20), () => string.Join('\n', logs.Lines), lines => lines.Contains(text, StringComparison.Ordinal), Token);
    }

    [Fact]
    public async Task A_single_pass_deploys_and_ends()
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 6s\ninterval: 500ms\nsoak: 500ms");
        await shop.PushAsync("v1");

        var first = await shop.Host.RunAsync("monitor", "--once");
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Contains("is committed: last known good", first.Output);
        Assert.Equal("web v1", await shop.AnswerAsync());
        var container = (await shop.ContainerAsync("web")).Id;

        var second = await shop.Host.RunAsync("monitor", "--once");
        Assert.True(second.ExitCode == 0, second.ToString());
        Assert.Equal(container, (await shop.ContainerAsync("web")).Id);

        await shop.PushAsync("v2", version => version.Crashing());
        var third = await shop.Host.RunAsync("monitor", "--once");
        Assert.True(third.ExitCode == 3, third.ToString());
        Assert.Equal("web v1", await shop.AnswerAsync());

        shop.Repository.Commit("CI is slow", ("compose.yaml", shop.Compose("v9")));
        var fourth = await shop.Host.RunAsync("monitor", "--once");
        Assert.True(fourth.ExitCode == 5, fourth.ToString()); // it does not wait
        Assert.Null((await shop.StatusAsync()).Deployment);
    }

    [Fact]
    public async Task What_is_not_there_is_named_with_what_is()
    {
        await using var shop = await Shop.CreateAsync();
        var missing = Path.Combine(shop.Host.Folder, "missing.yaml");

        var version = await LabProcess.RunAsync(ProgramFile, ["--version"], shop.Host.Environment, cancellationToken: Token);
        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n  commit [0-9a-f]{40}\S*\n  of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$", version.Output);

        await RefusesAsync(["deploi"], "there is no command 'deploi'", "did you mean 'deploy'?");
        await RefusesAsync(["status", "shpo"], "shpo", shop.Stack);
        await RefusesAsync(["deploy", "shpo"], "shpo", shop.Stack);
        await RefusesAsync(["show", "77"], "no release #77", "eclusier history");
        await RefusesAsync(["status", "--outptu", "json"], "--outptu");
        foreach (var command in new[] { "status", "deploy", "monitor" })
        {
            var without = await LabProcess.RunAsync(ProgramFile, [command, "--config", missing], shop.Host.Environment, cancellationToken: Token);
            Assert.True(without.ExitCode == 1, without.ToString());
            Assert.Contains(missing, without.Error);
        }

        var json = await shop.Host.RunAsync("status", "shpo", "--output", "json");
        Assert.Equal(1, json.ExitCode);
        Assert.Contains("shpo", (string)JsonNode.Parse(json.Output)!["error"]!["message"]!);

        await shop.Host.StartAsync();
        await RefusesAsync(["status", "shpo"], "shpo", shop.Stack);
        await RefusesAsync(["deploy", "shpo"], "shpo", shop.Stack);

        async Task RefusesAsync(string[] words, params string[] says)
        {
            var outcome = await shop.Host.RunAsync(words);
            Assert.True(outcome.ExitCode == 1, outcome.ToString());
            Assert.Empty(outcome.Output);
            Assert.All(says, text => Assert.Contains(text, outcome.Error));
        }
    }

    private static string ProgramFile => EclusierHost.FindProgram();

    /// <summary>All that a plan must leave alone.</summary>
    private static async Task<string> SeeAsync(Shop shop) => string.Join('\n', [
        shop.AppliedCompose(),
        .. (await shop.ContainersAsync()).Select(container => $"{container.Id} {container}"),
        .. (await DockerCli.RunAsync("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")).Split('\n').Where(line => line.StartsWith($"eclusier/{shop.Stack}/", StringComparison.Ordinal) || line.StartsWith(shop.Registry.Host, StringComparison.Ordinal)).Order(),
        .. Directory.EnumerateFileSystemEntries(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "releases")).Order()]);
}
