using System.Net;
using System.Net.Sockets;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Over the network, with TLS and tokens, everything can be done that the commands can do; and nothing without.</summary>
public sealed class ApiSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pipeline_deploys_rolls_back_suspends_and_resumes_with_its_token_and_each_is_written_down()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        using var api = ApiClient.Configure(shop);
        await shop.BeginWithAsync("v1");
        var (operate, read) = (await api.TokenAsync("ci", "operate"), await api.TokenAsync("wall", "read"));
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var seen = new List<string>();
        var watch = api.WatchAsync(read, seen, watching.Token);

        await shop.PushAsync("v2");
        var deployed = await api.AskAsync(operate, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/deploy", """{"reason":"the release"}""");
        Assert.Equal((HttpStatusCode.OK, "committed"), (deployed.Status, $"{deployed.Answer!["outcome"]!["outcome"]}"));
        Assert.Equal("web v2", await shop.AnswerAsync());

        var back = await api.AskAsync(operate, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/rollback", "{}");
        Assert.Equal("committed", $"{back.Answer!["outcome"]!["outcome"]}");
        Assert.Equal("web v1", await shop.AnswerAsync());

        await api.AskAsync(operate, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/suspend", """{"reason":"holidays"}""");
        Assert.Equal("holidays", (await shop.StatusAsync()).SuspendedBecause);
        await Wait.ForAsync("that is seen as it happens", TimeSpan.FromSeconds(10), () => Task.FromResult(Snapshot()), all => all.Contains("status suspended"), Token);
        await api.AskAsync(operate, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/resume");
        Assert.Null((await shop.StatusAsync()).SuspendedBecause);

        Assert.Equal(HttpStatusCode.Forbidden, (await api.AskAsync(read, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/deploy")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.AskAsync(null, HttpMethod.Get, "/api/v1/stacks")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.AskAsync("ecl_guessed", HttpMethod.Get, "/api/v1/stacks")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.AskAsync(read, HttpMethod.Get, $"/api/v1/stacks/{shop.Stack}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.AskAsync(read, HttpMethod.Get, "/api/v1/openapi.json")).Status);
        (await shop.Host.RunAsync("token", "revoke", "wall")).Succeeded();
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.AskAsync(read, HttpMethod.Get, "/api/v1/stacks")).Status);

        Assert.Contains("status deploying", Snapshot());
        Assert.Contains(Snapshot(), line => line.StartsWith("progress ", StringComparison.Ordinal));
        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);

        var audit = (await shop.AskAsync("audit"))["entries"]!.AsArray().Reverse().Select(entry => $"{entry!["who"]} {entry["from"]} {entry["action"]} {entry["detail"]} {entry["reason"]} {$"{entry["result"]}".Split(':')[0]}");
        Assert.Equal(
        [
            $"uid {Uid} socket token create ci, operate  done",
            $"uid {Uid} socket token create wall, read  done",
            "ci 127.0.0.1 deploy  the release committed",
            "ci 127.0.0.1 rollback   committed",
            "ci 127.0.0.1 suspend  holidays done",
            "ci 127.0.0.1 resume   done",
            $"uid {Uid} socket token revoke wall  done",
        ], audit);
        Assert.DoesNotContain(shop.Host.Journal, line => line.Contains("ecl_", StringComparison.Ordinal));

        List<string> Snapshot()
        {
            lock (seen)
            {
                return [.. seen];
            }
        }
    }

    [Fact]
    public async Task A_check_is_asked_for_and_not_waited_for()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        using var api = ApiClient.Configure(shop);
        await shop.BeginWithAsync("v1");
        var token = await api.TokenAsync("ci", "operate");
        var commit = await shop.PushAsync("v2");

        Assert.Equal(HttpStatusCode.Accepted, (await api.AskAsync(token, HttpMethod.Post, $"/api/v1/stacks/{shop.Stack}/check")).Status);

        await shop.ExpectAsync("committed", commit);
    }

    [Fact]
    public async Task A_command_without_a_daemon_is_written_down_too()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushAsync("v1");
        (await shop.RunAsync("deploy", "--force", "--reason", "it was Tuesday")).Succeeded();

        var entry = Assert.Single((await shop.AskAsync("audit"))["entries"]!.AsArray())!;
        Assert.Equal($"uid {Uid} admin local deploy {shop.Stack} forced", $"{entry["who"]} {entry["role"]} {entry["from"]} {entry["action"]} {entry["stack"]} {entry["detail"]}");
        Assert.Equal("it was Tuesday", $"{entry["reason"]}");
        Assert.StartsWith("committed", $"{entry["result"]}");
    }

    [Fact]
    public async Task Where_other_hosts_can_reach_it_nothing_starts_without_TLS_and_a_token()
    {
        await using var shop = await Shop.CreateAsync();
        var port = FreePort.Take();
        File.AppendAllText(shop.Host.ConfigFile, $"api: {{ listen: \"*:{port}\" }}\n");
        var open = await shop.Host.RunAsync("monitor");
        Assert.Equal(1, open.ExitCode);
        Assert.Contains($"error: api.listen: other hosts can reach 0.0.0.0:{port}, and tokens would cross the network in the clear: give api.certificate_file and api.key_file", open.Error);

        shop.Configure();
        using var api = ApiClient.Configure(shop, "*");
        var unguarded = await shop.Host.RunAsync("monitor");
        Assert.Equal(1, unguarded.ExitCode);
        Assert.Contains("and there is no token yet: make one first (`eclusier token create NAME --role admin`)", unguarded.Error);
        Assert.DoesNotContain("Checking for updates", unguarded.Output); // and nothing was begun

        var token = await api.TokenAsync("me", "admin");
        await shop.Host.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await api.AskAsync(token, HttpMethod.Get, "/api/v1/tokens")).Status);
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync($"http://127.0.0.1:{api.Port}/healthz", Token));
    }

    [Fact]
    public async Task Tokens_that_were_lost_with_the_database_close_the_network_and_keep_nothing_else_from_going_on()
    {
        await using var shop = await Shop.CreateAsync();
        using var api = ApiClient.Configure(shop, "*");
        await api.TokenAsync("me", "admin");
        await shop.BeginWithAsync("v1");
        await shop.Host.StopAsync();
        foreach (var file in Directory.GetFiles(shop.Host.StateDirectory, "eclusier.db*"))
        {
            File.Delete(file);
        }

        await shop.Host.StartAsync();

        await shop.Host.AwaitLineAsync("The tokens were lost with the database, so nothing listens at 0.0.0.0:", cancellationToken: Token);
        await shop.AwaitStatusAsync("it is suspended", status => status.State == "suspended");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, api.Port, Token).AsTask());
    }

    [Fact]
    public async Task A_renewed_certificate_counts_without_a_restart_and_a_broken_one_does_not()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        using var api = ApiClient.Configure(shop);
        await shop.Host.StartAsync();
        Assert.Equal("ok", (await api.Http.GetStringAsync($"https://127.0.0.1:{api.Port}/healthz", Token)).Trim());

        api.RenewCertificate(); // the client trusts only the new one from here on
        await Wait.ForAsync("the new certificate is shown", TimeSpan.FromSeconds(20), AliveAsync, isAlive => isAlive, Token);

        await File.WriteAllTextAsync(Path.Combine(shop.Host.Folder, "tls.key"), "no key", Token);
        await Wait.ForAsync("the journal says so", TimeSpan.FromSeconds(20), async () => (await AliveAsync(), shop.Host.Journal.Any(line => line.Contains("have changed and cannot be used, the earlier ones stay"))), said => said.Item2, Token);
        Assert.True(await AliveAsync());

        await shop.Host.StopAsync();
        var refused = await shop.Host.RunAsync("monitor");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("expected a certificate and its key without a password, both in PEM", refused.Error);

        async Task<bool> AliveAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{api.Port}/healthz") { Headers = { ConnectionClose = true } };
            try
            {
                using var answer = await api.Http.SendAsync(request, Token);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Readiness_is_told_to_everybody_and_nothing_else()
    {
        await using var shop = await Shop.CreateAsync("interval: 1h");
        using var api = ApiClient.Configure(shop);
        await shop.Host.StartAsync();
        Assert.Equal("configuration yes\ndatabase yes\nengine yes\n", await api.Http.GetStringAsync($"https://127.0.0.1:{api.Port}/readyz", Token));
        await shop.Host.StopAsync();

        shop.Host.Environment["DOCKER_HOST"] = $"unix://{shop.Host.Folder}/no-engine.sock";
        await shop.Host.StartAsync();
        using var answer = await api.Http.GetAsync($"https://127.0.0.1:{api.Port}/readyz", Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "configuration yes\ndatabase yes\nengine no\n"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)));
        Assert.Equal("ok\n", await api.Http.GetStringAsync($"https://127.0.0.1:{api.Port}/healthz", Token));
        shop.Host.Environment.Remove("DOCKER_HOST");
    }

    private static string Uid { get; } = File.ReadAllLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2];
}
