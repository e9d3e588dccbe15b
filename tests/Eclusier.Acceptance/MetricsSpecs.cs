using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>What is measured, for Prometheus and for OpenTelemetry receivers.</summary>
public sealed partial class MetricsSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prometheus_reads_what_happened_also_after_a_restart()
    {
        var port = FreePort.Take();
        await using var shop = await Shop.CreateAsync();
        shop.Host.Configure($$"""
            interval: 1s
            api: { listen: "127.0.0.1:{{port}}" }
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                webhook: { secret: 0123456789abcdef }
                health: { timeout: 15s, interval: 500ms, soak: 1s, probes: [ { http: "http://127.0.0.1:{{shop.Port}}/health", timeout: 2s } ] }
                notify: [nobody]
            notifiers:
              nobody: { type: webhook, url: "http://127.0.0.1:1/", on: [committed] }
            """);
        await shop.BeginWithAsync("v1");
        var good = shop.Repository.Head;
        var bad = await shop.PushAsync("v2", version => version.With("health", "500"));
        await shop.ExpectAsync("rolled-back", bad);
        using (var client = new HttpClient())
        using (var refused = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/hooks/{shop.Stack}"), content: null, Token))
        {
            Assert.Equal(401, (int)refused.StatusCode);
        }

        await shop.PollsAsync(2);
        var read = await Measured.ReadAsync(shop.Host);
        Assert.Equal(1, read.Find($$"""eclusier_stack_running_info{stack="{{shop.Stack}}",release="1",commit="{{good}}"}"""));
        Assert.Equal(1, read.Find($$"""eclusier_stack_desired_info{ref="main",commit="{{bad}}"}"""));
        Assert.InRange(read.Find("eclusier_stack_behind_seconds")!.Value, 1, 300);
        Assert.Equal((1, 0), (read.Find("""eclusier_stack_state{state="rolled-back"}"""), read.Find("""eclusier_stack_state{state="healthy"}""")));
        Assert.Equal((1, 1, 1), (read.Find("eclusier_stack_healthy"), read.Find("eclusier_stack_rollback_possible"), read.Find("eclusier_stack_quarantined_releases")));
        Assert.Equal((1, 1, 0), (read.Find("""eclusier_deployments_total{result="committed"}"""), read.Find("""eclusier_deployments_total{result="rolled-back"}"""), read.Find("""eclusier_deployments_total{result="failed"}""")));
        Assert.Equal((2, 1), (read.Find("""eclusier_deployment_step_duration_seconds_count{step="apply"}"""), read.Find("""eclusier_deployment_step_duration_seconds_count{step="roll-back"}""")));
        Assert.Equal(1, read.Find("""eclusier_webhooks_total{result="refused"}"""));
        Assert.Equal(1, read.Find("""eclusier_notifications_outstanding{notifier="nobody"}"""));
        Assert.True(read.Find("""eclusier_checks_total{trigger="poll"}""") >= 4);
        Assert.True(read.Find("""eclusier_source_requests_total{result="ok"}""") >= 4);

        // every part of the program says the same version
        var version = JsonNode.Parse((await LabProcess.RunAsync(shop.Host.Program, ["version", "--output", "json"], cancellationToken: Token)).Succeeded())!["version"]!.ToString();
        Assert.Equal(1, read.Find($$"""eclusier_build_info{version="{{version}}"}"""));
        Assert.Contains(shop.Host.Journal, line => line.Contains(version, StringComparison.Ordinal));

        // the page names exactly what is served, and Prometheus' own tool finds nothing to complain of
        Assert.Equal(Documented().Order(StringComparer.Ordinal), read.Names.Order(StringComparer.Ordinal));
        var file = Path.Combine(shop.Host.Folder, "metrics.txt");
        await File.WriteAllTextAsync(file, read.Text, Token);
        Assert.Equal("", (await Tool.RunAsync("sh", "-c", $"promtool check metrics <{file} 2>&1")).Trim());

        await shop.Host.StopAsync();
        await shop.Host.StartAsync();
        await shop.PollsAsync(1);
        var again = await Measured.ReadAsync(shop.Host);
        Assert.Equal(1, again.Find("""eclusier_deployments_total{result="rolled-back"}"""));
        Assert.True(again.Find("eclusier_stack_behind_seconds") > read.Find("eclusier_stack_behind_seconds"));
    }

    [Fact]
    public async Task A_real_Prometheus_scrapes_it_with_a_token_and_a_stranger_gets_nothing()
    {
        var (port, own) = (FreePort.Take(), FreePort.Take());
        await using var shop = await Shop.CreateAsync();
        shop.Host.Configure($$"""
            interval: 1s
            api: { listen: "127.0.0.1:{{port}}" }
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                health: { timeout: 15s, interval: 500ms, soak: 1s }
            """);
        await shop.BeginWithAsync("v1");
        using var client = new HttpClient();
        using (var refused = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Token))
        {
            Assert.Equal(401, (int)refused.StatusCode);
        }

        using var folder = new LabFolder();
        folder.Write("token", (await shop.Host.RunAsync("token", "create", "prometheus", "--role", "read")).Succeeded().Trim());
        folder.Write("prometheus.yml", $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["{{Docs("alerts.yaml")}}"]
            scrape_configs:
              - job_name: eclusier
                authorization: { credentials_file: token }
                static_configs: [{ targets: ["127.0.0.1:{{port}}"] }]
            """);
        await using var prometheus = LabProcess.Start(
            "prometheus", [$"--config.file={folder.Path}/prometheus.yml", $"--storage.tsdb.path={folder.Path}/data", $"--web.listen-address=127.0.0.1:{own}"], new Dictionary<string, string>(), folder.Path);
        var found = await Wait.ForAsync(
            "Prometheus has scraped", TimeSpan.FromSeconds(30), async () =>
            {
                try
                {
                    var query = Uri.EscapeDataString("""eclusier_stack_state{state="healthy"} and on (stack) eclusier_stack_healthy == 1""");
                    return JsonNode.Parse(await client.GetStringAsync($"http://127.0.0.1:{own}/api/v1/query?query={query}", Token))!["data"]!["result"]!.AsArray();
                }
                catch (HttpRequestException)
                {
                    return []; // it has not started yet
                }
            },
            result => result.Count > 0,
            Token);

        Assert.Equal((shop.Stack, "1"), (found[0]!["metric"]!["stack"]!.ToString(), found[0]!["value"]![1]!.ToString()));
        var targets = JsonNode.Parse(await client.GetStringAsync($"http://127.0.0.1:{own}/api/v1/targets", Token))!["data"]!["activeTargets"]![0]!;
        Assert.Equal(("up", ""), (targets["health"]!.ToString(), targets["lastError"]!.ToString()));
    }

    [Fact]
    public async Task An_engine_that_hangs_takes_only_what_it_alone_knows_along()
    {
        await using var engine = EngineRelay.Start();
        await using var shop = await Shop.CreateAsync();
        shop.Host.Environment["DOCKER_HOST"] = engine.Endpoint;
        await shop.BeginWithAsync("v1");
        Assert.Equal(1, (await Measured.ReadAsync(shop.Host)).Find("eclusier_stack_healthy"));

        engine.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(5.5), Token); // what is known of it is that old at most
        var read = await Measured.ReadAsync(shop.Host).WaitAsync(TimeSpan.FromSeconds(9), Token); // Prometheus waits 10 s
        engine.Thaw();

        Assert.Null(read.Find("eclusier_stack_healthy"));
        Assert.Equal(1, read.Find("""eclusier_deployments_total{result="committed"}"""));
    }

    [Fact]
    public async Task An_OpenTelemetry_receiver_gets_the_same_and_may_be_away()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Trouble = 503;
        await using var shop = await Shop.CreateAsync();
        shop.Host.Environment["OTLP_TOKEN"] = "s3cr3t-of-otlp";
        shop.Host.Configure($$"""
            interval: 1s
            telemetry: { otlp: "{{receiver.Address}}", interval: 5s, headers: { Authorization: "Bearer ${OTLP_TOKEN}" } }
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                health: { timeout: 15s, interval: 500ms, soak: 1s }
            """);
        await shop.BeginWithAsync("v1");
        await shop.Host.AwaitLineAsync("metrics could not be sent", cancellationToken: Token);
        receiver.Trouble = null;
        await Wait.ForAsync("a request has come", TimeSpan.FromSeconds(30), () => receiver.Requests.Count, count => count > 0, Token);
        var before = receiver.Requests.Count;
        await shop.Host.StopAsync();

        Assert.Empty(receiver.Complaints);
        Assert.True(receiver.Requests.Count > before, "nothing was sent at the end");
        var last = receiver.Requests[^1];
        Assert.Equal("Bearer s3cr3t-of-otlp", last.Headers["Authorization"]);
        Assert.Equal(("eclusier", Environment.MachineName), (last.Resource["service.name"], last.Resource["service.instance.id"]));
        Assert.Equal(1, last.Samples.Single(sample => sample.Name == "eclusier_deployments_total" && sample.Attributes["result"] == "committed").Value);
        Assert.Equal(1, last.Samples.Single(sample => sample.Name == "eclusier_deployment_step_duration_seconds" && sample.Attributes["step"] == "apply").Value);
        Assert.Single(shop.Host.Journal, line => line.Contains("metrics could not be sent", StringComparison.Ordinal));
        Assert.Single(shop.Host.Journal, line => line.Contains("metrics are sent again", StringComparison.Ordinal));
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_alert_rules_and_the_dashboard_speak_of_what_is_measured_and_do_as_they_say()
    {
        await Tool.RunAsync("promtool", "check", "rules", Docs("alerts.yaml"));
        await Tool.RunAsync("promtool", "test", "rules", Docs("alerts.tests.yaml"));

        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Docs("grafana-dashboard.json"), Token))!;
        var queries = dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => target!["expr"]!.ToString())
            .Concat(dashboard["annotations"]!["list"]!.AsArray().Select(annotation => annotation!["expr"]!.ToString())).ToList();
        using var folder = new LabFolder();
        var rules = string.Join('\n', queries.Select((query, index) => $"      - record: query:{index}\n        expr: {JsonValue.Create(query.Replace("$stack", ".*", StringComparison.Ordinal).Replace("$job", "eclusier", StringComparison.Ordinal)).ToJsonString()}"));
        folder.Write("rules.yaml", $"groups:\n  - name: dashboard\n    rules:\n{rules}\n");
        await Tool.RunAsync("promtool", "check", "rules", Path.Combine(folder.Path, "rules.yaml"));

        var used = queries.Append(await File.ReadAllTextAsync(Docs("alerts.yaml"), Token)).SelectMany(text => MetricName().Matches(text)).Select(match => Histogram().Replace(match.Value, "")).Distinct().ToList();
        Assert.True(used.Count > 15);
        Assert.All(used, name => Assert.Contains(name, Documented()));
    }

    private static IEnumerable<string> Documented() =>
        File.ReadLines(Docs("metrics.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);

    private static string Docs(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Eclusier.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "docs", file);
    }

    [GeneratedRegex(@"\b(?:eclusier|process)_[a-z_]+\b")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(?:bucket|count|sum)$")]
    private static partial Regex Histogram();
}
