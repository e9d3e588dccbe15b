using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Acceptance;

/// <summary>What is told reaches its receiver, whatever happens to either, and is never in the way.</summary>
public sealed class NotificationSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_hangs_delays_nothing_and_is_told_once_of_each_cause_after_a_kill()
    {
        var hangs = true;
        var told = new ConcurrentQueue<JsonNode>();
        await using var receiver = await LabServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (Volatile.Read(ref hangs))
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes("k3y"), Encoding.UTF8.GetBytes($"{context.Request.Headers["Eclusier-Timestamp"]}.{body}"));
            Assert.Equal($"sha256={Convert.ToHexStringLower(signed)}", context.Request.Headers["Eclusier-Signature"].ToString());
            told.Enqueue(JsonNode.Parse(body)!);
        });
        await using var shop = await Shop.CreateAsync();
        shop.Host.Configure($$"""
            interval: 1s
            stacks:
              {{shop.Stack}}:
                repository: {{shop.Repository.Bare}}
                health: { timeout: 15s, interval: 500ms, soak: 1s, probes: [ { http: "http://127.0.0.1:{{shop.Port}}/health", timeout: 2s } ] }
                notify: [hook]
            notifiers:
              hook: { type: webhook, url: "{{receiver.Address}}hook", secret: k3y, on: [committed, rolled-back, recovered, quarantined] }
            """);

        await shop.BeginWithAsync("v1"); // within its usual deadline, while the receiver hangs
        var bad = await shop.PushAsync("v2", version => version.With("health", "500"));
        await shop.ExpectAsync("rolled-back", bad);
        await shop.Host.KillAsync();
        Assert.Empty(told);

        Volatile.Write(ref hangs, false);
        await shop.Host.StartAsync();
        await Wait.ForAsync("both events have arrived", TimeSpan.FromMinutes(2), () => told.Count, count => count >= 2, Token);
        var good = await shop.PushAsync("v3");
        await shop.ExpectAsync("committed", good);
        await Wait.ForAsync("the third event has arrived", TimeSpan.FromSeconds(30), () => told.Count, count => count >= 3, Token);

        Assert.Equal(["committed", "rolled-back", "recovered"], told.Select(body => body["kind"]!.ToString()));
        var failed = told.ElementAt(1);
        Assert.Equal((bad, "Web v2"), (failed["to"]!["commit"]!.ToString(), failed["to"]!["subject"]!.ToString()));
        Assert.Equal("1", failed["running"]!["release"]!.ToString());
        Assert.NotEmpty(failed["evidence"]!.AsArray());
        var stats = JsonNode.Parse((await shop.Host.RunAsync("stats", "--output", "json")).Succeeded())!;
        Assert.Equal("0", stats["notifiers"]![0]!["outstanding"]!.ToString());

        var test = await shop.Host.RunAsync("notify", "test", "hook", "--output", "json");
        Assert.Equal("true", JsonNode.Parse(test.Succeeded())!["tests"]![0]!["delivered"]!.ToString());
        Assert.Equal("test", told.Last()["kind"]!.ToString());
    }
}
