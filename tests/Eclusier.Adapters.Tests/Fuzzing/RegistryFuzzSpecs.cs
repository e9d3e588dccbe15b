using System.Diagnostics;
using CsCheck;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>Answers of registries and token services, and names of images.</summary>
public sealed class RegistryFuzzSpecs : IAsyncLifetime
{
    private readonly LabFolder folder = new();
    private LabServer server = null!;
    private RequestDelegate answer = _ => Task.CompletedTask;

    public async ValueTask InitializeAsync() => server = await LabServer.StartAsync(context => answer(context));

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public Task Challenges() => Fuzz.CheckAsync(
        Fuzz.Text($"Bearer realm=\"http://{server.Host}/token\",service=\"r\",scope=\"repository:web:pull\"", "Basic realm=\"r\"", "Bearer realm=\"http://[::1\",service=", "Bearer realm=\"ftp://x/\\\"\"", "Negotiate, Bearer"),
        text => AskAsync(context =>
        {
            if (!context.Request.Path.StartsWithSegments("/token"))
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = AsHeader(text);
            }

            return context.Response.WriteAsync("{}");
        }));

    [Fact]
    public Task Tokens() => Fuzz.CheckAsync(
        Gen.OneOf(Fuzz.Text("""{"token":"abc","access_token":"abc","expires_in":300}""", "[]", "\"x\""), Fuzz.Json("""{"token":"abc","access_token":"abc","expires_in":300,"x":{"y":[1]}}""")),
        text => AskAsync(context =>
        {
            if (context.Request.Path.StartsWithSegments("/token"))
            {
                return context.Response.WriteAsync(text);
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{server.Host}/token\"";
            return Task.CompletedTask;
        }));

    [Fact]
    public Task Digests_and_refusals() => Fuzz.CheckAsync(
        Fuzz.Text($"sha256:{new string('a', 64)}", "120", "Sat, 31 Jan 2026 12:00:00 GMT", "99999999999"),
        text => AskAsync(context =>
        {
            context.Response.StatusCode = (text.Length % 7) switch { 0 => 429, 1 => 503, 2 => 404, _ => 200 };
            context.Response.Headers["Docker-Content-Digest"] = AsHeader(text);
            context.Response.Headers.RetryAfter = AsHeader(text);
            return context.Response.WriteAsync("");
        }));

    [Fact]
    public async Task An_answer_without_end_is_refused_and_not_kept()
    {
        var piece = new byte[64 * 1024];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();

        var exception = await Assert.ThrowsAsync<FailureException>(() => AskAsync(async context =>
        {
            while (!HttpMethods.IsHead(context.Request.Method) && !context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            }
        }));

        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64L * 1024 * 1024);
    }

    [Fact]
    public void Names_of_images() => Fuzz.Check(
        Fuzz.Text("web", "r.test:5000/shop/web:v1", $"r.test/web@sha256:{new string('a', 64)}", "[::1]:5000/web", "a/b/c/d-e__f.g:latest", $"r.test/{new string('a', 300)}"),
        text =>
        {
            if (ImageReference.TryParse(text, out var image))
            {
                Assert.Equal(text, image.ToString());
                Assert.True(ImageReference.TryParse(image.ToString(), out var again));
                Assert.Equal(image, again);
            }
        });

    private async Task AskAsync(RequestDelegate how)
    {
        answer = how;
        using var registry = new RegistryClient(
            new DockerCredentials(new CannedPrograms(_ => ""), folder.Path), new NoneInsecure(), TimeProvider.System, timeLimit: TimeSpan.FromSeconds(8), certificatesDirectory: folder.Path);
        Assert.True(ImageReference.TryParse($"{server.Host}/web:v1", out var image));
        await registry.ResolveDigestAsync(image, access: null, CancellationToken.None);
    }

    /// <summary>What Kestrel lets pass in a header.</summary>
    private static string AsHeader(string text) => new([.. text.Where(character => character is >= ' ' and < (char)127)]);

    private sealed class NoneInsecure : IInsecureRegistries
    {
        public Task<IReadOnlySet<string>> ReadInsecureRegistriesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>());
    }
}
