using System.Collections.Concurrent;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Acceptance;

/// <summary>The environment of a release is part of it; wherever it could show, there are names and never the values of secret variables.</summary>
public sealed class SecretSpecs
{
    private const string First = "hunter2-of-old";
    private const string Second = "hunter3-of-late";
    private const string Setting = "quite-private-setting";

    [Fact]
    public async Task Secret_values_of_the_environment_are_shown_nowhere()
    {
        var told = new ConcurrentQueue<string>();
        await using var receiver = await LabServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            told.Enqueue(await reader.ReadToEndAsync());
        });
        await using var shop = await Shop.CreateAsync();
        var envFile = Path.Combine(shop.Host.Folder, "shop.env");
        WriteEnvironment(First);
        shop.WebKeys = "environment: { DB_PASSWORD: '${DB_PASSWORD}', DATABASE_URL: 'postgres://shop:${DB_PASSWORD}@db/shop', MODE: plain }\nsecrets: [setting]";
        shop.MoreSections = "secrets: { setting: { environment: SETTING } }";
        shop.Host.Configure($$"""
            interval: 1s
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                env_files: [{{envFile}}]
                environment: { API_TOKEN: '{{Second}}' }
                health: { timeout: 6s, interval: 500ms, soak: 500ms, probes: [ { http: "http://127.0.0.1:{{shop.Port}}/health", timeout: 2s } ] }
                notify: [hook]
            notifiers:
              hook: { type: webhook, url: "{{receiver.Address}}hook", on: [committed, rolled-back, rejected] }
            """);
        var said = new List<string>();
        var first = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", first);
        await shop.Host.StopAsync();

        // another password, and an application that prints it, and more, while it fails
        WriteEnvironment(Second);
        await shop.PushAsync("v2", bits => bits.Crashing(3, $"fatal: postgres://shop:{Second}@db/shop refused, token {Second}, {Setting}"));
        Assert.Contains("environment DATABASE_URL, DB_PASSWORD", await RunAsync("plan", shop.Stack));
        await shop.Host.StartAsync();
        await shop.ExpectAsync("rolled-back", shop.Repository.Head);
        foreach (var command in new[] { "status", "history" })
        {
            await RunAsync(command, shop.Stack);
        }

        Assert.Contains("postgres://shop:***@db/shop refused, token ***, ***", await RunAsync("show", "2"));

        // Compose quotes what it cannot use
        var broken = shop.Repository.Commit("A limit that is none", ("compose.yaml", shop.Compose("v1").Replace("    image:", "    mem_limit: '${DB_PASSWORD}'\n    image:")));
        Assert.Contains("mem_limit", (await shop.ExpectAsync("rejected", broken)).Reason);
        File.AppendAllText(envFile, $"OTHER=\"{First}\n");
        var last = (await shop.HistoryAsync()).Deployments[0].Id;
        await Wait.ForAsync("the broken file is told", TimeSpan.FromSeconds(30), shop.HistoryAsync, history => history.Deployments[0] is { Result: "rejected" } newest && newest.Id > last, Token);
        Assert.Contains("shop.env: line", (await shop.HistoryAsync()).Deployments[0].Reason);
        await RunAsync("status", shop.Stack);
        await RunAsync("history", shop.Stack);
        await Wait.ForAsync("all is told", TimeSpan.FromSeconds(30), () => told.Count, count => count >= 4, Token);

        string[] all = [.. said, .. told, .. shop.Host.Journal];
        foreach (var secret in new[] { First, Second, Setting })
        {
            Assert.DoesNotContain(all, text => text.Contains(secret, StringComparison.Ordinal));
            Assert.All(Traces.OfSecret(secret, shop.Host.StateDirectory), file =>
            {
                Assert.Equal("compose.json", Path.GetFileName(file));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            });
        }

        // what was rolled back to has the environment that it was made with
        Assert.Equal(First, await shop.AnswerAsync("/env?DB_PASSWORD"));

        void WriteEnvironment(string password) => File.WriteAllText(envFile, $"DB_PASSWORD={password}\nSETTING={Setting}\n");

        async Task<string> RunAsync(params string[] words)
        {
            var text = await shop.Host.RunAsync(words);
            var json = await shop.Host.RunAsync([.. words, "--output", "json"]);
            said.AddRange([text.Output, text.Error, json.Output, json.Error]);
            return text.Output;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
