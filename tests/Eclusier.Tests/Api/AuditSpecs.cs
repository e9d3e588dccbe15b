using System.Net;
using System.Text;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Operations;

namespace Eclusier.Tests.Api;

/// <summary>Whoever has something done is written down.</summary>
public sealed class AuditSpecs : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient _http = new();
    private Daemon _daemon = null!;
    private string _token = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0");
        _token = _daemon.Tokens.Create(Role.Admin);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_from_where_what_why_and_what_became_of_it()
    {
        await PostAsync("stacks/shop/deploy", """{"force":true,"reason":"the hotfix"}""");
        await PostAsync("stacks/shop/rollback", """{"to":40}""", reasonHeader: "as agreed");
        await PostAsync("stacks/shop/retry", "");
        await PostAsync("stacks/shop/suspend", """{"reason":"holidays"}""");
        await PostAsync("stacks/shop/resume", """{"reason":"back\nagain"}""");
        await PostAsync("stacks/shop/check", "");
        await PostAsync("notify/test", """{"notifier":"ops"}""");
        await PostAsync("tokens", """{"name":"ci","role":"operate","expiresAt":"2027-01-01T00:00:00Z","reason":"for the pipeline"}""");
        using var revoked = await AskAsync(HttpMethod.Delete, "tokens/ci");

        Assert.Equal(
        [
            "admin-0 Admin 127.0.0.1: deploy shop forced (the hotfix) -> committed: release #42 is last known good",
            "admin-0 Admin 127.0.0.1: rollback shop to #40 (as agreed) -> committed: release #42 is last known good",
            "admin-0 Admin 127.0.0.1: retry shop () -> committed: release #42 is last known good",
            "admin-0 Admin 127.0.0.1: suspend shop (holidays) -> done",
            "admin-0 Admin 127.0.0.1: resume shop (backagain) -> done",
            "admin-0 Admin 127.0.0.1: check shop () -> done",
            "admin-0 Admin 127.0.0.1: notify test ops () -> delivered to 1 of 2",
            "admin-0 Admin 127.0.0.1: token create ci, operate, until 2027-01-01 00:00 UTC (for the pipeline) -> done",
            "admin-0 Admin 127.0.0.1: token revoke ci () -> done",
        ], _daemon.Audit.Lines);
    }

    [Fact]
    public async Task Looking_is_not_written_down()
    {
        foreach (var path in new[] { "agent", "stats", "history", "stacks", "stacks/shop", "stacks/shop/history", "stacks/shop/releases/41", "stacks/shop/logs", "tokens", "audit" })
        {
            using var answer = await AskAsync(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await PostAsync("stacks/shop/plan", "");
        Assert.Empty(_daemon.Audit.Lines);
    }

    [Fact]
    public async Task What_was_refused_or_failed_is_written_down_too()
    {
        _daemon.Agent.Outcome = _ => throw new RequestException("#40 never passed");
        await PostAsync("stacks/shop/rollback", """{"to":40}""");
        _daemon.Agent.Outcome = _ => throw new IOException("no space");
        await PostAsync("stacks/shop/deploy", "{}");

        Assert.Equal(
            ["admin-0 Admin 127.0.0.1: rollback shop to #40 () -> refused: #40 never passed", "admin-0 Admin 127.0.0.1: deploy shop () -> failed: no space"],
            _daemon.Audit.Lines);
    }

    [Fact]
    public async Task What_cannot_be_written_down_is_not_done()
    {
        _daemon.Audit.Fails = FailureException.Transient("the database cannot be written: the disk is full");
        using var answer = await AskAsync(HttpMethod.Post, "stacks/shop/suspend", """{"reason":"x"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Empty(_daemon.Agent.Calls);
    }

    [Fact]
    public async Task What_was_begun_is_written_down_before_it_is_done()
    {
        _daemon.Agent.Gate = new TaskCompletionSource().Task;
        var deploying = PostAsync("stacks/shop/deploy", "{}");
        await _daemon.Agent.WorkBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal(["admin-0 Admin 127.0.0.1: deploy shop () -> ?"], _daemon.Audit.Lines);
        await _daemon.StopAsync();
        await deploying;
        Assert.Equal(["admin-0 Admin 127.0.0.1: deploy shop () -> no longer waited for"], _daemon.Audit.Lines);
    }

    [Fact]
    public async Task Through_the_socket_it_is_the_user_of_the_system()
    {
        using var remote = new Eclusier.Api.RemoteAgent(_daemon.Socket, TimeProvider.System);
        await remote.ResumeAsync(Eclusier.Core.Stacks.StackName.Parse("shop"), Cancellation);
        await remote.WithReason("c'est réparé\r\n").ResumeAsync(Eclusier.Core.Stacks.StackName.Parse("shop"), Cancellation);

        var user = $"uid {Eclusier.Adapters.Files.FileOwner.CurrentUser} Admin socket";
        Assert.Equal([$"{user}: resume shop () -> done", $"{user}: resume shop (c'est réparé) -> done"], _daemon.Audit.Lines);
    }

    private async Task PostAsync(string path, string body, string? reasonHeader = null)
    {
        using var answer = await AskAsync(HttpMethod.Post, path, body, reasonHeader);
        await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, string body = "", string? reasonHeader = null)
    {
        using var request = new HttpRequestMessage(method, $"{_daemon.Addresses.Single(address => address.Contains("127.0.0.1"))}/api/v1/{path}");
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (reasonHeader is not null)
        {
            request.Headers.Add("X-Reason", reasonHeader);
        }

        request.Headers.Add("Authorization", $"Bearer {_token}");
        return await _http.SendAsync(request, Cancellation);
    }
}
