using System.Net;
using System.Text;
using Eclusier.Api;
using Eclusier.Api.Access;
using Eclusier.Commands;
using Eclusier.Core.Access;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Eclusier.Operations;
using Eclusier.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Monitor = Eclusier.Workers.Monitor;

namespace Eclusier.Tests.Api;

/// <summary>A walk over every route of the real daemon: a stranger gets nothing, and a token no more than its role may.</summary>
public sealed class EveryRouteSpecs : IAsyncLifetime
{
    /// <summary>What strangers may ask for; each says why it tells nothing.</summary>
    private static readonly string[] Open =
    [
        "/healthz", // that it lives
        "/readyz", // yes or no
        "/sign-in", // a form
        "/sign-out", // ends the session that is shown
        "/assets/", // its looks
        "/hooks/", // asks for a signature itself
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ecl-");
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly int _port = FreePort.Take();
    private AgentLocks _locks = null!;
    private ProgressFeed _feed = null!;
    private WebApplication _daemon = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<RouteEndpoint> Routes => [.. _daemon.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    private ITokenStore Tokens => _daemon.Services.GetRequiredService<ITokenStore>();

    public async ValueTask InitializeAsync()
    {
        var settings = new AgentSettings
        {
            StateDirectory = Path.Combine(_folder.FullName, "state"),
            Api = new ApiSettings { Listen = [new ListenAddress(IPAddress.Loopback, _port)] },
        };
        _locks = AgentLocks.Take(settings, "a test", TimeProvider.System);
        _feed = new ProgressFeed(TimeProvider.System);
        _daemon = new Monitor(_ => new ConfigurationReading(settings, [], []), TimeProvider.System, "1.2.3").Build(settings, Path.Combine(_folder.FullName, "eclusier.yaml"), _locks, _feed, Path.Combine(_folder.FullName, "e.sock"));
        _daemon.ListenOnNetwork(isMemoryLost: false);
        await _daemon.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.StopAsync(Cancellation);
        await _daemon.DisposeAsync();
        _feed.Dispose();
        _locks.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Each_says_who_may_use_it()
    {
        Assert.InRange(Routes.Count, 20, 200);
        Assert.All(Routes, route =>
        {
            var rule = route.Metadata.GetMetadata<AccessRule>();
            Assert.True(rule is not null, $"{route.RoutePattern.RawText} says neither RequireRole nor OpenToStrangers");
            Assert.True(rule.Role is not null || Open.Any(prefix => PathOf(route).StartsWith(prefix, StringComparison.Ordinal)), $"{route.RoutePattern.RawText} is open to strangers, and no exception is known");
        });
    }

    [Theory]
    [InlineData("none")]
    [InlineData("wrong")]
    [InlineData("expired")]
    [InlineData("revoked")]
    public async Task A_stranger_gets_nothing(string kind)
    {
        var token = kind switch { "wrong" => Token.NewText(), "expired" => Create(Role.Admin, DateTimeOffset.UtcNow.AddMilliseconds(1)), "revoked" => Create(Role.Admin), _ => null };
        Tokens.Remove(kind == "revoked" ? "token-Admin" : "nobody");
        await Task.Delay(2, Cancellation);

        foreach (var (route, method) in Closed())
        {
            var (status, text, location) = await AskAsync(method, PathOf(route), token);

            var refused = (status, text, location) is (HttpStatusCode.Unauthorized, """{"error":{"code":"unauthorized","message":"a token is needed"}}""", null)
                or (HttpStatusCode.TooManyRequests, """{"error":{"code":"too-many-requests","message":"too many failed attempts"}}""", null); // by now
            var sentToSignIn = route.Metadata.GetMetadata<AccessRule>()!.AnswerStranger is not null && location is not null && text.Length == 0;
            Assert.True(refused || sentToSignIn, $"{method} {PathOf(route)} answers a stranger with {status}: {text}");
        }
    }

    [Theory]
    [InlineData(Role.Read)]
    [InlineData(Role.Operate)]
    public async Task A_token_gets_no_more_than_its_role_may(Role role)
    {
        var token = Create(role);
        var tried = 0;
        foreach (var (route, method) in Closed().Where(one => one.Route.Metadata.GetMetadata<AccessRule>()!.Role > role))
        {
            var (status, text, _) = await AskAsync(method, PathOf(route), token);
            Assert.True((status, text.StartsWith("{\"error\":{\"code\":\"forbidden\"", StringComparison.Ordinal)) is (HttpStatusCode.Forbidden, true), $"{method} {PathOf(route)} answers with {status}: {text}");
            tried++;
        }

        Assert.InRange(tried, role == Role.Read ? 10 : 5, 200);
        Assert.Empty((await _daemon.Services.GetRequiredService<AgentFor>()(new Caller("test", Role.Admin, "test"), "").AuditAsync(10, Cancellation)).Entries);
    }

    [Fact]
    public void Whatever_changes_something_needs_more_than_reading()
    {
        string[] harmless = ["/api/v1/stacks/shop/plan"];
        foreach (var (route, method) in Closed().Where(one => one.Method is not ("GET" or "HEAD") && !harmless.Contains(PathOf(one.Route))))
        {
            Assert.True(route.Metadata.GetMetadata<AccessRule>()!.Role > Role.Read || PathOf(route) == "/sign-out", $"{method} {PathOf(route)} needs only {Role.Read}");
        }
    }

    private IEnumerable<(RouteEndpoint Route, string Method)> Closed() => Routes
        .Where(route => route.Metadata.GetMetadata<AccessRule>()?.Role is not null)
        .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]).Select(method => (route, method)));

    private static string PathOf(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "name" } => "shop",
        _ => "1",
    }))));

    private string Create(Role role, DateTimeOffset? expiresAt = null)
    {
        var text = Token.NewText();
        Tokens.Add($"token-{role}", role, Token.HashOf(text), DateTimeOffset.UtcNow, expiresAt);
        return text;
    }

    private async Task<(HttpStatusCode Status, string Text, Uri? Location)> AskAsync(string method, string path, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{_port}{path}");
        if (method is "POST" or "PUT")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        if (token is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {token}");
        }

        using var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers.Location);
    }
}
