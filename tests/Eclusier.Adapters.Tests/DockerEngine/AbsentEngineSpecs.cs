using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Tests.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;
using Engine = Eclusier.Adapters.DockerEngine.DockerEngine;

namespace Eclusier.Adapters.Tests.DockerEngine;

/// <summary>The engine goes away, comes back, hangs, or is of another age.</summary>
public sealed class AbsentEngineSpecs : IDisposable
{
    private readonly DockerFolder folder = new();
    private readonly LabFolder sockets = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Dispose();
        sockets.Dispose();
    }

    [Theory]
    [InlineData("unix:///nowhere/engine.sock", "the Docker Engine at unix:///nowhere/engine.sock does not answer: the socket does not exist; is it running?")]
    [InlineData("tcp://127.0.0.1:1", "the Docker Engine at tcp://127.0.0.1:1 does not answer: connection refused; is it running?")]
    [InlineData("tcp://engine.invalid:2375", "the Docker Engine at tcp://engine.invalid:2375 does not answer: the name")]
    public async Task An_engine_that_is_not_there_is_transient(string endpoint, string says) =>
        await FailsAsync(EngineAt(endpoint), FailureKind.Transient, says);

    [Theory]
    [InlineData("ssh://me@host")]
    [InlineData("nonsense")]
    public async Task An_address_that_is_not_supported_is_rejected(string endpoint) =>
        await FailsAsync(EngineAt(endpoint), FailureKind.Rejected, "give unix:///path or tcp://host:port in DOCKER_HOST");

    [Fact]
    public async Task An_engine_that_went_away_is_there_again_when_it_is_back()
    {
        await using var relay = EngineRelay.Start();
        using var engine = EngineAt(relay.Endpoint);
        var version = await engine.ReadVersionAsync(Cancelled);

        relay.Stop();
        await FailsAsync(engine, FailureKind.Transient, "the socket does not exist");
        await FailsAsync(engine, FailureKind.Transient, "the socket does not exist");

        relay.StartAgain();
        Assert.Equal(version, await engine.ReadVersionAsync(Cancelled));
        Assert.True((await engine.ObserveAsync("nobody", Cancelled)).IsEmpty);
    }

    [Fact]
    public async Task An_engine_that_hangs_is_transient_after_the_time_limit_and_there_again_afterwards()
    {
        await using var relay = EngineRelay.Start();
        using var engine = EngineAt(relay.Endpoint);
        await engine.ReadVersionAsync(Cancelled);
        relay.Freeze();
        var watch = Stopwatch.StartNew();

        await FailsAsync(engine, FailureKind.Transient, "does not answer: nothing within 1 s to tell its version");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(3));
        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.ObserveAsync("nobody", Cancelled));
        Assert.Equal(FailureKind.Transient, failure.Kind);

        relay.Thaw();
        await engine.ReadVersionAsync(Cancelled);
        Assert.True((await engine.ObserveAsync("nobody", Cancelled)).IsEmpty);
    }

    [Fact]
    public async Task An_engine_that_hangs_holds_up_no_more_than_each_callers_time()
    {
        await using var relay = EngineRelay.Start();
        using var engine = EngineAt(relay.Endpoint);
        relay.Freeze();
        var watch = Stopwatch.StartNew();

        var calls = Enumerable.Range(0, 10).Select(_ => Assert.ThrowsAsync<FailureException>(() => engine.ObserveAsync("nobody", Cancelled)));
        await Task.WhenAll(calls);

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task An_engine_that_dies_in_the_middle_of_an_answer_is_transient()
    {
        await using var relay = EngineRelay.Start();
        using var engine = EngineAt(relay.Endpoint);
        await engine.ReadVersionAsync(Cancelled);
        relay.Freeze();

        var call = engine.ReadVersionAsync(Cancelled);
        await Task.Delay(200, Cancelled);
        relay.Stop();

        var failure = await Assert.ThrowsAsync<FailureException>(() => call);
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("does not answer", failure.Message);
    }

    [Theory]
    [InlineData("1.41", "1.12", "/v1.41/")]
    [InlineData("1.54", "1.44", "/v1.50/")]
    [InlineData("1.70", "1.60", "/v1.60/")]
    public async Task The_version_of_the_api_is_one_that_both_know(string newest, string oldest, string path)
    {
        var paths = new ConcurrentQueue<string>();
        await using var fake = await FakeAsync(newest, oldest, context =>
        {
            paths.Enqueue(context.Request.Path);
            return context.Response.WriteAsync("[]");
        });
        using var engine = EngineAt(fake.Endpoint);

        await engine.ReadForeignPortsAsync("shop", Cancelled);
        await engine.ReadForeignPortsAsync("shop", Cancelled);

        Assert.Equal([$"{path}containers/json", $"{path}containers/json"], paths);
    }

    [Fact]
    public async Task An_engine_may_be_reached_by_tcp()
    {
        await using var fake = await LabServer.StartAsync(context => AnswerAsync(context, "1.41", "1.12", answer => answer.Response.WriteAsync("[]")));
        using var engine = EngineAt($"tcp://{fake.Host}");

        Assert.Equal("99", await engine.ReadVersionAsync(Cancelled));
        Assert.Empty(await engine.ReadForeignPortsAsync("shop", Cancelled));
    }

    [Fact]
    public async Task An_engine_that_was_replaced_while_away_is_asked_for_its_version_again()
    {
        var socket = Path.Combine(sockets.Path, "e.sock");
        using var engine = EngineAt($"unix://{socket}");
        var paths = new ConcurrentQueue<string>();
        foreach (var version in new[] { "1.41", "1.44" })
        {
            await using (await LabServer.StartAtSocketAsync(socket, context => AnswerAsync(context, version, "1.12", Record)))
            {
                await engine.ReadForeignPortsAsync("shop", Cancelled);
            }

            File.Delete(socket);
            await Assert.ThrowsAsync<FailureException>(() => engine.ReadForeignPortsAsync("shop", Cancelled));
        }

        Assert.Equal(["/v1.41/containers/json", "/v1.44/containers/json"], paths);

        Task Record(HttpContext context)
        {
            paths.Enqueue(context.Request.Path);
            return context.Response.WriteAsync("[]");
        }
    }

    [Theory]
    [InlineData(500, "{\"message\":\"something broke\"}", FailureKind.Transient, "something broke")]
    [InlineData(503, "<html>", FailureKind.Transient, "could not list the running containers")]
    [InlineData(400, "{\"message\":\"bad filter\"}", FailureKind.Rejected, "bad filter")]
    [InlineData(200, "nonsense", FailureKind.Transient, "does not answer")]
    public async Task What_the_engine_answers_is_a_kind_of_failure(int status, string body, FailureKind kind, string says)
    {
        await using var fake = await FakeAsync("1.41", "1.12", context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        using var engine = EngineAt(fake.Endpoint);

        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.ReadForeignPortsAsync("shop", Cancelled));

        Assert.Contains(says, failure.Message);
        Assert.Equal(kind, failure.Kind);
    }

    [Theory]
    [InlineData("failed to register layer: write /box: no space left on device", FailureKind.Transient, "the disk is full")]
    [InlineData("toomanyrequests: You have reached your pull rate limit", FailureKind.Transient, "asks to come back later")]
    [InlineData("received unexpected HTTP status: 503 Service Unavailable", FailureKind.Transient, "503 Service Unavailable")]
    [InlineData("error pulling image configuration: download failed after attempts=6: unexpected EOF", FailureKind.Transient, "unexpected EOF")]
    [InlineData("no matching manifest for linux/amd64 in the manifest list entries", FailureKind.Rejected, "does not exist for this host's platform")]
    [InlineData("no match for platform in manifest: not found", FailureKind.Rejected, "does not exist for this host's platform")]
    [InlineData("image operating system \"windows\" cannot be used on this platform", FailureKind.Rejected, "does not exist for")]
    [InlineData("pull access denied for shop/api, repository does not exist or may require 'docker login'", FailureKind.Rejected, "(no login for it was found)")]
    [InlineData("Head \"https://r.io/v2/api/manifests/v1\": no basic auth credentials", FailureKind.Rejected, "run `docker login r.io`")]
    [InlineData("manifest for r.io/api:v1 not found: manifest unknown: manifest unknown", FailureKind.Waiting, "the registry r.io does not have r.io/api:v1 yet")]
    [InlineData("failed to resolve reference \"r.io/api:v1\": r.io/api:v1: not found", FailureKind.Waiting, "the registry r.io does not have r.io/api:v1 yet")]
    public async Task An_error_inside_the_stream_of_a_pull_is_a_kind_of_failure(string message, FailureKind kind, string says)
    {
        await using var fake = await FakeAsync("1.41", "1.12", async context =>
        {
            await context.Response.WriteAsync("{\"status\":\"Pulling from api\",\"id\":\"v1\"}\r\n");
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { errorDetail = new { message }, error = message }));
        });
        using var engine = EngineAt(fake.Endpoint);
        Assert.True(ImageReference.TryParse("r.io/api:v1", out var image));

        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.PullAsync(image, platform: null, access: null, Cancelled));

        Assert.Contains(says, failure.Message);
        Assert.Equal(kind, failure.Kind);
    }

    [Theory]
    [InlineData("r.io:4429/denied/toomanyrequests")]
    [InlineData("unauthorized")]
    public async Task The_name_of_an_image_is_no_reason(string name)
    {
        await using var fake = await FakeAsync("1.41", "1.12", context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync($$"""{"message":"manifest for {{name}}:v1 not found: manifest unknown: manifest unknown"}""");
        });
        using var engine = EngineAt(fake.Endpoint);
        Assert.True(ImageReference.TryParse($"{name}:v1", out var image));

        Assert.Equal(FailureKind.Waiting, (await Assert.ThrowsAsync<FailureException>(() => engine.PullAsync(image, platform: null, access: null, Cancelled))).Kind);
    }

    [Fact]
    public async Task A_signed_address_in_the_engines_words_is_not_repeated()
    {
        await using var fake = await FakeAsync("1.41", "1.12", context =>
            context.Response.WriteAsync("""{"errorDetail":{"message":"Get \"https://cdn.example/blob?X-Signature=hunter2&e=1\": EOF"}}"""));
        using var engine = EngineAt(fake.Endpoint);
        Assert.True(ImageReference.TryParse("r.io/api:v1", out var image));

        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.PullAsync(image, platform: null, access: null, Cancelled));

        Assert.Contains("https://cdn.example/blob?…", failure.Message);
        Assert.DoesNotContain("hunter2", failure.ToString());
    }

    [Fact]
    public async Task A_pull_that_moves_slowly_is_not_given_up()
    {
        await using var fake = await FakeAsync("1.41", "1.12", async context =>
        {
            for (var count = 0; count < 6; count++)
            {
                await context.Response.WriteAsync($$$"""{"status":"Downloading","progressDetail":{"current":{{{count}}}},"id":"a"}""" + "\r\n");
                await context.Response.Body.FlushAsync();
                await Task.Delay(300);
            }
        });
        using var engine = new Engine(folder.Credentials, TimeProvider.System, new DockerEngineOptions { Endpoint = fake.Endpoint, PullProgressTimeLimit = TimeSpan.FromSeconds(1) });
        Assert.True(ImageReference.TryParse("r.io/api:v1", out var image));

        await engine.PullAsync(image, platform: null, access: null, Cancelled);
    }

    [Theory]
    [InlineData(false, new byte[] { 1, 0, 0, 0, 0, 0, 0, 9, (byte)'h', (byte)'a' })] // in the middle of a piece
    [InlineData(false, new byte[] { 1, 0, 0, 0 })] // in the middle of its header
    [InlineData(true, new byte[] { (byte)'h', (byte)'a' })] // a terminal has no pieces
    public async Task A_log_that_breaks_off_is_noticed(bool isTerminal, byte[] log)
    {
        await using var fake = await FakeAsync("1.41", "1.12", async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/logs", StringComparison.Ordinal))
            {
                await context.Response.Body.WriteAsync(log);
            }
            else
            {
                await context.Response.WriteAsync($$$"""{"Id":"c1","Name":"/web","Image":"sha256:1","Config":{"Tty":{{{(isTerminal ? "true" : "false")}}}}}""");
            }
        });
        using var engine = EngineAt(fake.Endpoint);
        var container = new LiveContainer { Id = "c1", Name = "web", Service = "web", State = "running", Image = "box", ImageId = "sha256:1" };

        if (isTerminal)
        {
            Assert.Equal(["ha"], (await engine.ReadLogsAsync(container, 5, Cancelled)).Select(line => line.Text));
        }
        else
        {
            var failure = await Assert.ThrowsAsync<FailureException>(() => engine.ReadLogsAsync(container, 5, Cancelled));
            Assert.Contains("the connection was closed before the answer was complete", failure.Message);
            Assert.Equal(FailureKind.Transient, failure.Kind);
        }
    }

    [Fact]
    public async Task The_list_of_insecure_registries_is_asked_for_once()
    {
        var questions = 0;
        await using var fake = await FakeAsync("1.41", "1.12", context =>
        {
            questions++;
            return context.Response.WriteAsync("""
                {"RegistryConfig":{"InsecureRegistryCIDRs":["127.0.0.0/8"],"IndexConfigs":{"docker.io":{"Name":"docker.io","Secure":true},"r.lan:5000":{"Name":"r.lan:5000","Secure":false}}}}
                """);
        });
        using var engine = EngineAt(fake.Endpoint);

        Assert.Equal(["127.0.0.0/8", "r.lan:5000"], (await engine.ReadInsecureRegistriesAsync(Cancelled)).Order());
        await engine.ReadInsecureRegistriesAsync(Cancelled);
        Assert.Equal(1, questions);
    }

    private Engine EngineAt(string endpoint) =>
        new(folder.Credentials, TimeProvider.System, new DockerEngineOptions { Endpoint = endpoint, PingTimeLimit = TimeSpan.FromSeconds(1), TimeLimit = TimeSpan.FromSeconds(1.5) });

    private async Task<FakeApi> FakeAsync(string newest, string oldest, RequestDelegate answer)
    {
        var socket = Path.Combine(sockets.Path, $"{Guid.NewGuid():N}"[..8]);
        return new FakeApi(await LabServer.StartAtSocketAsync(socket, context => AnswerAsync(context, newest, oldest, answer)), $"unix://{socket}");
    }

    private static Task AnswerAsync(HttpContext context, string newest, string oldest, RequestDelegate answer)
    {
        context.Response.ContentType = "application/json";
        return context.Request.Path.Value!.EndsWith("/version", StringComparison.Ordinal)
            ? context.Response.WriteAsync($$"""{"Version":"99","ApiVersion":"{{newest}}","MinAPIVersion":"{{oldest}}"}""")
            : answer(context);
    }

    private static async Task FailsAsync(Engine engine, FailureKind kind, string says)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => engine.ReadVersionAsync(Cancelled));
        Assert.Contains(says, failure.Message);
        Assert.Equal(kind, failure.Kind);
    }

    private sealed record FakeApi(LabServer Server, string Endpoint) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
