using System.Net;
using System.Text;
using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests.Api;

/// <summary>Who gets in over the network, and to what.</summary>
public sealed class AccessSpecs : IAsyncLifetime
{
    private static readonly ApiSettings BehindProxy = new() { TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")], UserHeader = "Remote-User" };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient _http = new();
    private Daemon _daemon = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => StartAsync(new ApiSettings());

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("GET", "/api/v1/stacks")]
    [InlineData("GET", "/api/v1/stacks/no-such-stack")]
    [InlineData("POST", "/api/v1/stacks/shop/deploy")]
    [InlineData("DELETE", "/api/v1/stacks/shop/deploy")]
    [InlineData("GET", "/nothing/here")]
    public async Task A_stranger_learns_nothing_not_even_what_there_is(string method, string path)
    {
        var answer = await AskAsync(method, path);

        Assert.Equal((HttpStatusCode.Unauthorized, Unauthorized), (answer.Status, answer.Text));
        Assert.Equal(answer.Text, (await AskAsync(method, path, token: "ecl_wrong")).Text);
        Assert.Empty(_daemon.Agent.Calls);
    }

    [Fact]
    public async Task An_expired_token_is_none()
    {
        var answer = await AskAsync("GET", "/api/v1/stacks", _daemon.Tokens.Create(Role.Admin, DateTimeOffset.UtcNow.AddSeconds(-1)));

        Assert.Equal((HttpStatusCode.Unauthorized, Unauthorized), (answer.Status, answer.Text));
        Assert.Contains("the token admin-0 has expired", _daemon.Journal);
    }

    [Fact]
    public async Task A_revoked_token_is_none_at_once()
    {
        var token = _daemon.Tokens.Create(Role.Read);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("GET", "/api/v1/stacks", token)).Status);
        _daemon.Tokens.Remove("read-0");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", token)).Status);
    }

    [Theory]
    [InlineData(Role.Read, "GET", "/api/v1/stacks", HttpStatusCode.OK)]
    [InlineData(Role.Read, "POST", "/api/v1/stacks/shop/plan", HttpStatusCode.OK)]
    [InlineData(Role.Read, "POST", "/api/v1/stacks/shop/deploy", HttpStatusCode.Forbidden)]
    [InlineData(Role.Read, "POST", "/api/v1/stacks/shop/rollback", HttpStatusCode.Forbidden)]
    [InlineData(Role.Operate, "POST", "/api/v1/stacks/shop/deploy", HttpStatusCode.OK)]
    [InlineData(Role.Operate, "POST", "/api/v1/notify/test", HttpStatusCode.Forbidden)]
    [InlineData(Role.Admin, "POST", "/api/v1/notify/test", HttpStatusCode.OK)]
    [InlineData(Role.Read, "GET", "/nothing/here", HttpStatusCode.NotFound)]
    [InlineData(Role.Read, "DELETE", "/api/v1/stacks", HttpStatusCode.MethodNotAllowed)]
    public async Task A_token_is_good_for_what_its_role_may(Role role, string method, string path, HttpStatusCode status)
    {
        Assert.Equal(status, (await AskAsync(method, path, _daemon.Tokens.Create(role))).Status);
        Assert.Equal(status == HttpStatusCode.OK, _daemon.Agent.Calls.Count > 0);
    }

    [Fact]
    public async Task What_a_token_may_not_is_said_to_who_has_it() => Assert.Equal(
        """{"error":{"code":"forbidden","message":"this needs the role operate"}}""",
        (await AskAsync("POST", "/api/v1/stacks/shop/suspend", _daemon.Tokens.Create(Role.Read))).Text);

    [Fact]
    public async Task Guessing_is_slowed_down_and_written_down_without_the_guess()
    {
        for (var guess = 0; guess < FailedAttempts.Allowed; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", "ecl_my-guess")).Status);
        }

        var paused = await AskAsync("GET", "/api/v1/stacks", "ecl_my-guess");
        Assert.Equal((HttpStatusCode.TooManyRequests, """{"error":{"code":"too-many-requests","message":"too many failed attempts"}}"""), (paused.Status, paused.Text));
        Assert.InRange(paused.RetryAfter!.Value.TotalSeconds, 1, 60);
        Assert.Equal(FailedAttempts.Allowed, _daemon.Journal.Split('\n').Count(line => line.Contains("127.0.0.1 was refused: its token is none of those that exist")));
        Assert.Contains("127.0.0.1 failed too often", _daemon.Journal);
        Assert.DoesNotContain("guess", _daemon.Journal);

        // who has a token is not locked out by others behind the same address
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("GET", "/api/v1/stacks", _daemon.Tokens.Create(Role.Read))).Status);
    }

    [Fact]
    public async Task After_a_minute_an_address_may_try_again()
    {
        var time = new FakeTimeProvider();
        await _daemon.DisposeAsync();
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0", timeProvider: time);
        for (var guess = 0; guess <= FailedAttempts.Allowed; guess++)
        {
            await AskAsync("GET", "/api/v1/stacks", "ecl_my-guess");
        }

        time.Advance(FailedAttempts.Window - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync("GET", "/api/v1/stacks", "ecl_my-guess")).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", "ecl_my-guess")).Status);
    }

    [Fact]
    public async Task A_trusted_proxy_signs_people_in()
    {
        await RestartAsync(BehindProxy with { UserRole = Role.Operate });

        Assert.Equal(HttpStatusCode.OK, (await AskAsync("POST", "/api/v1/stacks/shop/deploy", headers: ("Remote-User", "ann"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("POST", "/api/v1/notify/test", headers: ("Remote-User", "ann"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", headers: ("Remote-User", "  "))).Status);
    }

    [Fact]
    public async Task Nobody_else_does()
    {
        await RestartAsync(BehindProxy with { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] });

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", headers: ("Remote-User", "ann"))).Status);
        // nor by claiming to come from the proxy
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("GET", "/api/v1/stacks", null, ("Remote-User", "ann"), ("X-Forwarded-For", "10.1.2.3"))).Status);
    }

    [Fact]
    public async Task Where_somebody_comes_from_is_what_a_trusted_proxy_says()
    {
        await RestartAsync(BehindProxy);
        await AskAsync("GET", "/api/v1/stacks", "ecl_wrong", ("X-Forwarded-For", "203.0.113.9"));
        Assert.Contains("203.0.113.9 was refused", _daemon.Journal);

        await RestartAsync(new ApiSettings());
        await AskAsync("GET", "/api/v1/stacks", "ecl_wrong", ("X-Forwarded-For", "203.0.113.9"));
        Assert.Contains("127.0.0.1 was refused", _daemon.Journal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "https://eclusier.example.org", true)]
    public async Task Another_web_site_cannot_use_who_is_signed_in(string header, string value, bool isAllowed)
    {
        await RestartAsync(BehindProxy with { UserRole = Role.Admin, Url = new Uri("https://eclusier.example.org") });

        var answer = await AskAsync("POST", "/api/v1/stacks/shop/deploy", null, ("Remote-User", "ann"), (header, value));

        Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal(isAllowed, _daemon.Agent.Calls.Count > 0);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("eclusier.example.org", HttpStatusCode.OK)]
    [InlineData("localhost:8733", HttpStatusCode.OK)]
    [InlineData("[::1]:8733", HttpStatusCode.OK)]
    public async Task A_name_that_was_made_to_lead_here_is_turned_away(string host, HttpStatusCode status)
    {
        await RestartAsync(new ApiSettings { Url = new Uri("https://eclusier.example.org") });

        Assert.Equal(status, (await AskAsync("GET", "/api/v1/stacks", _daemon.Tokens.Create(Role.Read), ("Host", host))).Status);
    }

    private const string Unauthorized = """{"error":{"code":"unauthorized","message":"a token is needed"}}""";

    private async ValueTask StartAsync(ApiSettings settings) =>
        _daemon = await Daemon.StartAsync(Path.Combine(_folder.FullName, "e.sock"), alsoAt: "127.0.0.1:0", settings: settings);

    private async Task RestartAsync(ApiSettings settings)
    {
        await _daemon.DisposeAsync();
        await StartAsync(settings);
    }

    private async Task<(HttpStatusCode Status, string Text, TimeSpan? RetryAfter)> AskAsync(string method, string path, string? token = null, params (string Name, string Value)[] headers)
    {
        var address = _daemon.Addresses.Single(address => address.Contains("127.0.0.1"));
        using var request = new HttpRequestMessage(new HttpMethod(method), address + path);
        if (method == "POST")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in token is null ? headers : [.. headers, ("Authorization", $"Bearer {token}")])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers.RetryAfter?.Delta);
    }
}
