using System.Net;
using System.Net.Sockets;
using System.Text;
using Eclusier.Api;

namespace Eclusier.Tests.Api;

/// <summary>The API as a program other than ours sees it.</summary>
public sealed class AgentApiSpecs : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private Daemon _daemon = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"));
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_daemon.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://eclusier/api/v1/") };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("GET", "stacks/attic", null, 404, "unknown-stack", "the daemon keeps no stack attic; it keeps: shop, blog")]
    [InlineData("GET", "stacks/Sh%20op", null, 400, "bad-request", "'Sh op' is not a stack's name")]
    [InlineData("GET", "stacks/shop/releases/99", null, 404, "unknown-release", "shop has no release #99")]
    [InlineData("GET", "stacks/shop/releases/last", null, 400, "bad-request", "'last' is not a release's number")]
    [InlineData("GET", "stacks/shop/diff?from=41", null, 400, "bad-request", "'from' and 'to' are the numbers of two releases: ?from=41&to=42")]
    [InlineData("GET", "stacks/shop/diff?from=41&to=99", null, 404, "unknown-release", "shop has no release #41, or no #99")]
    [InlineData("GET", "stacks/shop/history?limit=-1", null, 400, "bad-request", "'limit' is a whole number from 0 to 1000")]
    [InlineData("GET", "stacks/shop/logs?lines=all", null, 400, "bad-request", "'lines' is a whole number from 0 to 100000")]
    [InlineData("POST", "stacks/attic/deploy", null, 404, "unknown-stack", "the daemon keeps no stack attic; it keeps: shop, blog")]
    [InlineData("POST", "stacks/shop/suspend", null, 400, "bad-request", "a reason is required: {\"reason\":\"…\"}")]
    [InlineData("POST", "stacks/shop/suspend", "{\"reason\":\" \"}", 400, "bad-request", "a reason is required: {\"reason\":\"…\"}")]
    public async Task What_cannot_be_answered_is_refused_with_a_sentence(string method, string path, string? body, int status, string code, string message)
    {
        var (actual, text) = await AskAsync(method, path, body);

        Assert.Equal(status, (int)actual);
        Assert.Equal($$$"""{"error":{"code":"{{{code}}}","message":"{{{message.Replace("\"", "\\\"")}}}"}}""", text);
        Assert.DoesNotContain(_daemon.Agent.Calls, call => !call.StartsWith("show", StringComparison.Ordinal) && !call.StartsWith("compare", StringComparison.Ordinal)); // both only read
    }

    [Fact]
    public async Task A_body_that_is_not_understood_is_refused()
    {
        var (status, text) = await AskAsync("POST", "stacks/shop/deploy", "{\"force\":\"yes\"}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("{\"error\":{\"code\":\"bad-request\",\"message\":\"the body is not the JSON that is expected here", text);
        Assert.Empty(_daemon.Agent.Calls);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read()
    {
        var (status, text) = await AskAsync("POST", "stacks/shop/suspend", $$"""{"reason":"{{new string('x', 20_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.StartsWith("{\"error\":", text);
        Assert.Empty(_daemon.Agent.Calls);
    }

    [Fact]
    public async Task Work_answers_in_lines()
    {
        var (status, text) = await AskAsync("POST", "stacks/shop/deploy", null);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""
            {"progress":{"at":"2026-10-03T14:02:11+00:00","stack":"shop","level":"information","message":"Checking for updates"}}
            {"outcome":{"stack":"shop","outcome":"committed","message":"release #42 is last known good"}}

            """, text);
    }

    [Fact]
    public async Task An_error_within_the_lines_is_the_last_of_them()
    {
        _daemon.Agent.Outcome = _ => throw new IOException("the disk is full");
        var (_, text) = await AskAsync("POST", "stacks/shop/retry", null);

        Assert.EndsWith("""{"error":{"code":"failed","message":"the disk is full (the daemon's journal has more)"}}""" + "\n", text);
    }

    [Fact]
    public async Task An_unexpected_failure_is_a_500_without_a_stack_trace()
    {
        _daemon.Agent.Statuses.Clear();
        var (status, text) = await AskAsync("GET", "stacks/shop", null);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal("""{"error":{"code":"failed","message":"The given key 'shop' was not present in the dictionary. (the daemon's journal has more)"}}""", text);
        Assert.Contains("KeyNotFoundException", _daemon.Journal);
    }

    [Fact]
    public void Only_the_socket_is_listened_at_when_nothing_else_is_asked_for() => Assert.Equal([$"http://unix:{_daemon.Socket}"], _daemon.Addresses);

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
