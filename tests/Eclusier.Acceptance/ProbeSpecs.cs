using System.Net;
using System.Security.Cryptography.X509Certificates;
using Eclusier.Lab;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eclusier.Acceptance;

/// <summary>The kinds of probe, as they let a release pass or hold it up.</summary>
public sealed class ProbeSpecs
{
    private const string ShortGate = "timeout: 3s\ninterval: 500ms\nsoak: 500ms";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_self_signed_certificate_passes_only_where_the_configuration_says_so()
    {
        await using var shop = await Shop.CreateAsync();
        using var authority = LabServer.CreateCertificate("lab-authority", TimeSpan.FromDays(2));
        using var trusted = LabServer.CreateCertificate("127.0.0.1", TimeSpan.FromDays(1), authority, "127.0.0.1");
        using var ownSignature = LabServer.CreateCertificate("127.0.0.1", TimeSpan.FromDays(1), authority: null, "127.0.0.1");
        var shown = trusted;
        await using var https = await HttpsServer.StartAsync(() => shown);
        shop.Host.Environment["SSL_CERT_FILE"] = Path.Combine(shop.Host.Folder, "authority.pem");
        await File.WriteAllTextAsync(shop.Host.Environment["SSL_CERT_FILE"], authority.ExportCertificatePem(), Token);
        void Ask(string tls) => shop.Configure(health: $"{ShortGate}\nprobes:\n  - http: https://127.0.0.1:{https.Port}/\n    tls: {tls}", probe: false);

        // a certificate that is trusted passes; the next release comes up with one that nobody signed
        Ask("verify");
        await shop.BeginWithAsync("v1");
        https.Version = async () => shown = await shop.AnswerAsync() == "web v2" ? ownSignature : trusted;
        var bad = await shop.ExpectAsync("rolled-back", await shop.PushAsync("v2"));

        Assert.Matches("certificate.*self-signed|self-signed.*certificate", bad.Reason);
        Assert.Contains(bad.Evidence, evidence => evidence.Subject.Contains("https://127.0.0.1", StringComparison.Ordinal) && evidence.Text.Contains("self-signed", StringComparison.Ordinal));
        Assert.Equal("web v1", await shop.AnswerAsync());

        await shop.Host.StopAsync();
        Ask("insecure");
        https.Version = null;
        shown = ownSignature;
        await shop.Host.StartAsync();
        var good = await shop.ExpectAsync("committed", await shop.PushAsync("v3"));
        Assert.DoesNotContain("already", good.Reason); // it passed, it is not merely excused
        Assert.Equal("web v3", await shop.AnswerAsync());
    }

    [Fact]
    public async Task Status_body_headers_exit_code_and_connection_each_count()
    {
        await using var shop = await Shop.CreateAsync();
        await using var server = await LabServer.StartAsync(async context =>
        {
            var version = await shop.AnswerAsync();
            context.Response.StatusCode = context.Request.Headers["X-Check"] != "open sesame" ? 403 : version == "web v2" ? 302 : 203;
            await context.Response.WriteAsync(version == "web v3" ? "warming up" : "all is ready");
        });
        var sidePort = FreePort.Take();
        await shop.PushImageAsync("side", "v1", "v1");
        shop.MoreServices = $$"""side: { image: "{{shop.Image("side", "v1")}}", ports: ["127.0.0.1:{{sidePort}}:8080"] }""";
        shop.Configure(
            health: $$"""
                {{ShortGate}}
                probes:
                  - http: {{server.Address}}check
                    status: [200, 203]
                    headers: { X-Check: open sesame }
                    body_contains: is ready
                  - exec: { service: web, command: [/app, check] }
                  - tcp: 127.0.0.1:{{sidePort}}
                """,
            probe: false);
        await shop.BeginWithAsync("v1");
        Assert.NotEqual("no answer", await shop.AnswerAsync());

        await FailsAsync("v2", "HTTP 302", null);
        await FailsAsync("v3", "is ready", null);
        await FailsAsync("v4", "/health: HTTP 500", version => version.With("health", "500"));
        var side = shop.MoreServices;
        shop.MoreServices = "";
        await FailsAsync("v5", $"tcp 127.0.0.1:{sidePort}: connection refused", null);

        shop.MoreServices = side;
        await shop.ExpectAsync("committed", await shop.PushAsync("v6"));

        async Task FailsAsync(string tag, string reason, Func<Behaviour, Behaviour>? bits)
        {
            var deployment = await shop.ExpectAsync("rolled-back", await shop.PushAsync(tag, bits));
            Assert.Contains(reason, deployment.Reason);
            Assert.DoesNotContain(";", deployment.Reason); // this probe alone
            Assert.Equal("web v1", await shop.AnswerAsync());
        }
    }

    [Fact]
    public async Task A_probe_that_failed_before_the_deployment_does_not_cause_a_rollback()
    {
        await using var shop = await Shop.CreateAsync();
        var status = 200;
        await using var neighbour = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var neighbours = $"{ShortGate}\nprobes:\n  - http: http://127.0.0.1:{shop.Port}/health\n  - http: {neighbour.Address}";
        shop.Configure(health: neighbours, probe: false);
        await shop.BeginWithAsync("v1");

        status = 503;
        var commit = await shop.PushAsync("v2");

        var deployment = await shop.ExpectAsync("committed", commit);
        Assert.Contains("failed before the deployment already", deployment.Reason);
        Assert.Contains($"http {neighbour.Address}: HTTP 503", deployment.Reason);
        Assert.Equal("web v2", await shop.AnswerAsync());

        // it excuses itself only: a release that is bad by another probe still goes
        var bad = await shop.ExpectAsync("rolled-back", await shop.PushAsync("v3", version => version.With("health", "500")));
        Assert.Contains($"http://127.0.0.1:{shop.Port}/health: HTTP 500", bad.Reason);
        Assert.Equal("web v2", await shop.AnswerAsync());
    }

    /// <summary>A web server whose certificate the test may change from one connection to the next.</summary>
    private sealed class HttpsServer : IAsyncDisposable
    {
        private readonly WebApplication application;

        private HttpsServer(WebApplication application) => this.application = application;

        public int Port => new Uri(((IApplicationBuilder)application).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

        /// <summary>Called before each handshake.</summary>
        public Func<Task>? Version { get; set; }

        public static async Task<HttpsServer> StartAsync(Func<X509Certificate2> certificate)
        {
            HttpsServer? server = null;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Use(next => async connection =>
                {
                    await (server?.Version?.Invoke() ?? Task.CompletedTask);
                    await next(connection);
                });
                listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate());
            }));
            var application = builder.Build();
            application.Run(context => context.Response.WriteAsync("ok"));
            await application.StartAsync(Token);
            return server = new HttpsServer(application);
        }

        public ValueTask DisposeAsync() => application.DisposeAsync();
    }
}
