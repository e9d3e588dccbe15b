using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Microsoft.AspNetCore.Http;
using Xunit.Sdk;

namespace Eclusier.Adapters.Tests.Registries;

public sealed class RegistryClientSpecs : IDisposable
{
    private static readonly string SomeDigest = "sha256:" + new string('1', 64);

    // leads to the loopback but does not look like it: as good as a registry on another machine
    private static readonly (string Name, IPAddress Address)? Elsewhere = FindNameOfLoopback();

    private readonly DockerFolder folder = new();
    private readonly LabFolder certificates = new();
    private readonly List<RegistryClient> clients = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        clients.ForEach(client => client.Dispose());
        folder.Dispose();
        certificates.Dispose();
    }

    [Fact]
    public async Task A_tag_resolves_to_the_digest_of_its_manifest()
    {
        await using var registry = await Registry.StartAsync();
        var digest = await new TestImage().PushAsync(registry, "shop/api", "v1");

        Assert.Equal(digest, await ResolveAsync($"{registry.Host}/shop/api:v1"));
        Assert.Equal(digest, await ResolveAsync($"localhost:{registry.Port}/shop/api:v1"));
        Assert.Equal(digest, await ResolveAsync($"{registry.Host}/shop/api@{digest}"));
    }

    [Fact]
    public async Task A_tag_of_several_platforms_resolves_to_the_index()
    {
        await using var registry = await Registry.StartAsync();
        var index = await TestImage.PushIndexAsync(registry, "shop/api", "v1", new TestImage(), new TestImage { Architecture = "arm64" });

        Assert.Equal(index, await ResolveAsync($"{registry.Host}/shop/api:v1"));
    }

    [Fact]
    public async Task Labels_are_read_of_the_platform_that_is_asked_for()
    {
        await using var registry = await Registry.StartAsync();
        var index = await TestImage.PushIndexAsync(registry, "shop/api", "v1", new TestImage { Architecture = "arm64", Version = "for arm" }, new TestImage { Version = "for amd" });
        var single = await new TestImage { Version = "alone" }.PushAsync(registry, "shop/api", "v2");
        var client = Client();

        async Task<string> VersionOfAsync(string digest, string? platform) =>
            (await client.ReadLabelsAsync(Image($"{registry.Host}/shop/api@{digest}"), platform, access: null, Cancelled))["lab.version"];

        Assert.Equal("for arm", await VersionOfAsync(index, "linux/arm64"));
        Assert.Equal("for arm", await VersionOfAsync(index, "linux/arm64/v8"));
        Assert.Equal("for amd", await VersionOfAsync(index, "linux/amd64"));
        Assert.Equal("for arm", await VersionOfAsync(index, "linux/riscv64")); // none is made for it: the first one says as much as any
        Assert.Equal("alone", await VersionOfAsync(single, null));
    }

    [Fact]
    public async Task Layers_are_told_with_their_sizes_and_the_ids_that_the_engine_knows()
    {
        await using var registry = await Registry.StartAsync();
        var digest = await new TestImage().PushAsync(registry, "shop/api", "v1");

        var layer = Assert.Single(await Client().ReadLayersAsync(Image($"{registry.Host}/shop/api@{digest}"), null, access: null, Cancelled));

        Assert.Matches("^sha256:[0-9a-f]{64}$", layer.Id);
        Assert.InRange(layer.Size, 1024, 10_000_000);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("no JSON")]
    public async Task Labels_in_an_answer_that_is_none_are_transient(string answer)
    {
        await using var registry = await LabServer.StartAsync(context => context.Response.WriteAsync(answer));

        var exception = await Assert.ThrowsAsync<FailureException>(() => Client().ReadLabelsAsync(Image($"{registry.Host}/api@{SomeDigest}"), null, access: null, Cancelled));

        Assert.Equal(FailureKind.Transient, exception.Kind);
    }

    [Fact]
    public async Task A_tag_that_moved_resolves_to_the_new_digest()
    {
        await using var registry = await Registry.StartAsync();
        var client = Client();
        var first = await new TestImage().PushAsync(registry, "api", "latest");
        Assert.Equal(first, await client.ResolveDigestAsync(Image($"{registry.Host}/api"), access: null, Cancelled));

        var second = await new TestImage { Version = "2" }.PushAsync(registry, "api", "latest");

        Assert.NotEqual(first, second);
        Assert.Equal(second, await client.ResolveDigestAsync(Image($"{registry.Host}/api"), access: null, Cancelled));
    }

    [Fact]
    public async Task What_was_not_pushed_yet_is_waited_for()
    {
        await using var registry = await Registry.StartAsync();
        await new TestImage().PushAsync(registry, "api", "v1");

        await FailsAsync($"{registry.Host}/api:v2", FailureKind.Waiting, $"the registry {registry.Host} does not have {registry.Host}/api:v2 yet");
        await FailsAsync($"{registry.Host}/nobody:v2", FailureKind.Waiting, "does not have");

        await registry.DeleteTagAsync("api", "v1");
        await FailsAsync($"{registry.Host}/api:v1", FailureKind.Waiting, "does not have");
    }

    [Fact]
    public async Task The_login_of_docker_opens_a_registry_with_password()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        var digest = await new TestImage().PushAsync(registry, "api", "v1");
        folder.WithLogin(registry.Host, "me", "hunter2");

        Assert.Equal(digest, await ResolveAsync($"{registry.Host}/api:v1"));
    }

    [Fact]
    public async Task A_wrong_password_is_rejected_until_docker_login_was_run_again()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        var digest = await new TestImage().PushAsync(registry, "api", "v1");
        folder.WithLogin(registry.Host, "me", "wrong-password");
        var client = Client();

        var failure = await FailsAsync(client, $"{registry.Host}/api:v1", FailureKind.Rejected, "although a login for it was found");
        Assert.Contains($"run `docker login {registry.Host}`", failure.Message);
        Assert.DoesNotContain("wrong-password", failure.ToString());

        folder.WithLogin(registry.Host, "me", "hunter2");
        Assert.Equal(digest, await client.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access: null, Cancelled));
    }

    [Fact]
    public async Task The_stacks_own_login_wins_over_that_of_docker_and_is_read_at_each_use()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        var digest = await new TestImage().PushAsync(registry, "api", "v1");
        folder.WithLogin(registry.Host, "me", "not-this-one");
        var file = certificates.Write("password", "wrong-password\n");
        var access = new RegistryAccess(registry.Host) { Username = "me", Password = new SecretSource.File(file) };
        var client = Client();

        async Task<FailureException> RefusedAsync() => await Assert.ThrowsAsync<FailureException>(() => client.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access, Cancelled));

        var refused = await RefusedAsync();
        Assert.Equal(FailureKind.Rejected, refused.Kind);
        Assert.Contains("although the stack's own login was used; put it right under `registries`", refused.Message);
        Assert.DoesNotContain("wrong-password", refused.ToString());

        File.WriteAllText(file, "hunter2\n");
        Assert.Equal(digest, await client.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access, Cancelled));
        await FailsAsync(client, $"{registry.Host}/api:v1", FailureKind.Rejected, "although a login for it was found"); // another stack's access is not borrowed

        File.Delete(file);
        using var anew = Client();
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => anew.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access, Cancelled))).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_stacks_own_login_is_shown_to_a_token_service(bool byIdentity)
    {
        await using var tokens = await TokenServer.StartAsync("me", "hunter2");
        tokens.IdentityToken = "the-identity";
        await using var registry = await Registry.StartWithTokensAsync(tokens);
        var access = byIdentity
            ? new RegistryAccess(registry.Host) { IdentityToken = new SecretSource.Value(new Secret("the-identity")) }
            : new RegistryAccess(registry.Host) { Username = "me", Password = new SecretSource.Value(new Secret("hunter2")) };

        var exception = await Assert.ThrowsAsync<FailureException>(() => Client().ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access, Cancelled));

        Assert.Equal((FailureKind.Waiting, 1), (exception.Kind, tokens.Given)); // it may look, and there is nothing yet
        await FailsAsync($"{registry.Host}/api:v1", FailureKind.Rejected, "no login for it was found");
    }

    [Fact]
    public async Task With_an_authority_of_the_stacks_nothing_but_its_certificates_will_do()
    {
        using var authority = LabServer.CreateCertificate("lab authority", TimeSpan.FromDays(2));
        using var certificate = LabServer.CreateCertificate("registry", TimeSpan.FromDays(1), authority, "localhost");
        using var another = LabServer.CreateCertificate("another", TimeSpan.FromDays(1), authority: null, "localhost");
        await using var registry = await LabServer.StartAsync(Found, certificate);
        await using var impostor = await LabServer.StartAsync(Found, another);
        await using var plain = await LabServer.StartAsync(Found);
        var file = certificates.Write("ca.pem", authority.ExportCertificatePem());
        var client = Client();

        Task<string> ResolveAsync(int port) => client.ResolveDigestAsync(Image($"localhost:{port}/api"), new RegistryAccess($"localhost:{port}") { CertificateFile = file }, Cancelled);

        Assert.Equal(SomeDigest, await ResolveAsync(registry.Port));
        Assert.Contains("certificate", (await Assert.ThrowsAsync<FailureException>(() => ResolveAsync(impostor.Port))).Message);
        await Assert.ThrowsAsync<FailureException>(() => ResolveAsync(plain.Port));
    }

    [Fact]
    public async Task A_missing_login_is_rejected_with_the_remedy()
    {
        await using var registry = await Registry.StartWithLoginAsync("me", "hunter2");
        await new TestImage().PushAsync(registry, "api", "v1");

        await FailsAsync($"{registry.Host}/api:v1", FailureKind.Rejected, $"no login for it was found; run `docker login {registry.Host}` as the user Eclusier runs as");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access_token")]
    public async Task A_token_is_fetched_once_and_used_until_it_ends(string field)
    {
        await using var tokens = await TokenServer.StartAsync("me", "hunter2");
        tokens.Field = field;
        await using var registry = await Registry.StartWithTokensAsync(tokens);
        folder.WithLogin(registry.Host, "me", "hunter2");
        var clock = new ShiftedClock();
        var client = Client(clock);

        await FailsAsync(client, $"{registry.Host}/api:v1", FailureKind.Waiting, "does not have");
        await FailsAsync(client, $"{registry.Host}/api:v2", FailureKind.Waiting, "does not have");
        Assert.Equal(1, tokens.Given);

        await FailsAsync(client, $"{registry.Host}/other:v1", FailureKind.Waiting, "does not have");
        Assert.Equal(2, tokens.Given);

        clock.Shift = TimeSpan.FromSeconds(61);
        await FailsAsync(client, $"{registry.Host}/api:v1", FailureKind.Waiting, "does not have");
        Assert.Equal(3, tokens.Given);
    }

    [Fact]
    public async Task A_token_that_ended_early_is_replaced()
    {
        var given = 0;
        await using var tokens = await LabServer.StartAsync(context => context.Response.WriteAsync($$"""{"token": "number-{{++given}}", "expires_in": 3600}"""));
        await using var registry = await LabServer.StartAsync(context =>
        {
            context.Response.Headers["Docker-Content-Digest"] = SomeDigest;
            context.Response.Headers.WWWAuthenticate = $"""Bearer realm="{tokens.Address}" """;
            context.Response.StatusCode = context.Request.Headers.Authorization == $"Bearer number-{(context.Request.Path.Value!.EndsWith("later", StringComparison.Ordinal) ? 2 : 1)}" ? 200 : 401;
            return Task.CompletedTask;
        });
        var client = Client();

        await client.ResolveDigestAsync(Image($"{registry.Host}/api:first"), access: null, Cancelled);
        await client.ResolveDigestAsync(Image($"{registry.Host}/api:first"), access: null, Cancelled);
        Assert.Equal(1, given);

        Assert.Equal(SomeDigest, await client.ResolveDigestAsync(Image($"{registry.Host}/api:later"), access: null, Cancelled));
        Assert.Equal(2, given);
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_for_a_token()
    {
        await using var tokens = await TokenServer.StartAsync("me", "hunter2");
        tokens.IdentityToken = "the-identity";
        await using var registry = await Registry.StartWithTokensAsync(tokens);
        folder.With($$"""{ "auths": { "{{registry.Host}}": { "auth": "MDA6", "identitytoken": "the-identity" } } }""");

        await FailsAsync($"{registry.Host}/api:v1", FailureKind.Waiting, "does not have");
    }

    [Theory]
    [InlineData(null, "no login for it was found")]
    [InlineData("wrong-password", "although a login for it was found")]
    public async Task A_token_service_that_gives_no_rights_means_rejected(string? password, string says)
    {
        await using var tokens = await TokenServer.StartAsync("me", "hunter2");
        await using var registry = await Registry.StartWithTokensAsync(tokens);
        if (password is not null)
        {
            folder.WithLogin(registry.Host, "me", password);
        }

        var failure = await FailsAsync($"{registry.Host}/api:v1", FailureKind.Rejected, says);
        Assert.DoesNotContain("wrong-password", failure.ToString());
    }

    [Fact]
    public async Task A_token_service_that_answers_nonsense_is_transient_and_not_quoted()
    {
        await using var tokens = await LabServer.StartAsync(context => context.Response.WriteAsync("""{"token": 5, "hint": "hunter2"}"""));
        await using var registry = await LabServer.StartAsync(context =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"""Bearer realm="{tokens.Address}t?a=b",service="s, with comma",scope="repository:api:pull" """;
            return Task.CompletedTask;
        });

        var failure = await FailsAsync($"{registry.Host}/api:v1", FailureKind.Transient, "holds no token");
        Assert.DoesNotContain("hunter2", failure.ToString());
    }

    [Fact]
    public async Task A_token_service_is_asked_for_what_the_registry_said()
    {
        var asked = "";
        await using var tokens = await LabServer.StartAsync(context =>
        {
            asked = context.Request.QueryString.ToString();
            return context.Response.WriteAsync("""{"token": "t"}""");
        });
        await using var registry = await LabServer.StartAsync(context =>
        {
            if (context.Request.Headers.Authorization == "Bearer t")
            {
                context.Response.Headers["Docker-Content-Digest"] = SomeDigest;
                return Task.CompletedTask;
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"""Bearer realm="{tokens.Address}t?a=b",service="s, with comma",scope="repository:api:pull" """;
            return Task.CompletedTask;
        });

        Assert.Equal(SomeDigest, await ResolveAsync($"{registry.Host}/api:v1"));
        Assert.Equal("?a=b&service=s%2C%20with%20comma&scope=repository%3Aapi%3Apull", asked);
    }

    [Fact]
    public async Task A_registry_that_is_down_is_transient_and_back_when_it_is_back()
    {
        await using var registry = await Registry.StartAsync();
        var digest = await new TestImage().PushAsync(registry, "api", "v1");
        var client = Client();
        Assert.Equal(digest, await client.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access: null, Cancelled));

        await registry.StopAsync();
        await FailsAsync(client, $"{registry.Host}/api:v1", FailureKind.Transient, $"the registry {registry.Host} cannot be reached: connection refused");

        await registry.StartAgainAsync();
        Assert.Equal(digest, await client.ResolveDigestAsync(Image($"{registry.Host}/api:v1"), access: null, Cancelled));
    }

    [Fact]
    public async Task A_registry_that_stopped_in_the_middle_is_transient_after_the_time_limit()
    {
        await using var registry = await Registry.StartAsync();
        await registry.FreezeAsync();

        await FailsAsync(Client(timeLimit: TimeSpan.FromSeconds(1)), $"{registry.Host}/api:v1", FailureKind.Transient, $"the registry {registry.Host} did not answer within 1 s");

        await registry.ThawAsync();
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_is_transient_after_the_time_limit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await FailsAsync(Client(timeLimit: TimeSpan.FromSeconds(1)), $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/api", FailureKind.Transient, "did not answer within 1 s");
    }

    [Fact]
    public async Task Cancelling_is_no_failure()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client().ResolveDigestAsync(Image($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/api"), access: null, stop.Token));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_transient() =>
        await FailsAsync("registry.invalid/api", FailureKind.Transient, "the registry registry.invalid cannot be reached: the name");

    [Theory]
    [InlineData(429, "Too Many Requests")]
    [InlineData(503, "in trouble: it answered 503")]
    public async Task Retry_after_is_handed_on_in_seconds(int status, string says)
    {
        await using var registry = await AnsweringAsync(status, "77");

        var failure = await FailsAsync($"{registry.Host}/api", FailureKind.Transient, says);
        Assert.Equal(TimeSpan.FromSeconds(77), failure.Failure.RetryAfter);
    }

    [Theory]
    [InlineData(429, "Retry-After", "60", null)]
    [InlineData(503, "Retry-After", "60", null)]
    [InlineData(429, "RateLimit-Remaining", "0;w=60", "60")]
    [InlineData(200, "RateLimit-Remaining", "0", "60")]
    public async Task A_registry_that_asks_for_a_pause_is_left_alone_by_everybody(int status, string header, string value, string? reset)
    {
        var asked = 0;
        await using var registry = await LabServer.StartAsync(context =>
        {
            asked++;
            context.Response.StatusCode = status;
            context.Response.Headers[header] = value;
            context.Response.Headers["RateLimit-Reset"] = reset;
            context.Response.Headers["Docker-Content-Digest"] = SomeDigest;
            return Task.CompletedTask;
        });
        var client = Client();
        try
        {
            await client.ResolveDigestAsync(Image($"{registry.Host}/api"), access: null, Cancelled);
        }
        catch (FailureException exception) when (status != 200)
        {
            Assert.Equal(FailureKind.Transient, exception.Kind);
        }

        var failure = (await FailsAsync(client, $"{registry.Host}/other", FailureKind.Transient, $"the registry {registry.Host} asked to be left alone until")).Failure;

        Assert.Equal(1, asked);
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        await Assert.ThrowsAsync<FailureException>(() => client.ResolveDigestAsync(Image($"{registry.Host}/api"), access: null, Cancelled));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Retry_after_is_handed_on_as_a_date()
    {
        await using var registry = await AnsweringAsync(429, DateTimeOffset.UtcNow.AddSeconds(90).ToString("R"));

        var failure = await FailsAsync($"{registry.Host}/api", FailureKind.Transient, "429");
        Assert.InRange(failure.Failure.RetryAfter!.Value, TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task Retry_after_in_the_past_means_now()
    {
        await using var registry = await AnsweringAsync(429, DateTimeOffset.UtcNow.AddSeconds(-90).ToString("R"));

        Assert.Equal(TimeSpan.Zero, (await FailsAsync($"{registry.Host}/api", FailureKind.Transient, "429")).Failure.RetryAfter);
    }

    [Theory]
    [InlineData(500, FailureKind.Transient)]
    [InlineData(502, FailureKind.Transient)]
    [InlineData(408, FailureKind.Transient)]
    [InlineData(400, FailureKind.Rejected)]
    [InlineData(403, FailureKind.Rejected)]
    [InlineData(404, FailureKind.Waiting)]
    [InlineData(405, FailureKind.Rejected)]
    public async Task Each_status_is_a_kind_of_failure(int status, FailureKind kind)
    {
        await using var registry = await AnsweringAsync(status);

        Assert.Null((await FailsAsync($"{registry.Host}/api", kind, registry.Host)).Failure.RetryAfter);
    }

    [Fact]
    public async Task A_digest_that_is_none_is_transient()
    {
        await using var registry = await LabServer.StartAsync(context =>
        {
            context.Response.Headers["Docker-Content-Digest"] = "sha256:short";
            return Task.CompletedTask;
        });

        await FailsAsync($"{registry.Host}/api", FailureKind.Transient, "a digest");
    }

    [Fact]
    public async Task Without_the_header_the_digest_is_that_of_the_manifest()
    {
        await using var registry = await LabServer.StartAsync(context => context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.WriteAsync("manifest"));

        Assert.Equal(TestImage.DigestOf("manifest"u8.ToArray()), await ResolveAsync($"{registry.Host}/api"));
    }

    [Fact]
    public async Task An_endless_answer_is_not_kept()
    {
        await using var registry = await LabServer.StartAsync(async context =>
        {
            if (context.Request.Method == "GET")
            {
                var block = new byte[64 * 1024];
                for (var count = 0; count < 1000 && !context.RequestAborted.IsCancellationRequested; count++)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            }
        });

        await FailsAsync($"{registry.Host}/api", FailureKind.Transient, "too large");
    }

    [Fact]
    public async Task All_kinds_of_manifest_are_asked_for()
    {
        var accepted = "";
        await using var registry = await LabServer.StartAsync(context =>
        {
            accepted = context.Request.Headers.Accept.ToString();
            context.Response.Headers["Docker-Content-Digest"] = SomeDigest;
            return Task.CompletedTask;
        });

        await ResolveAsync($"{registry.Host}/api");

        Assert.All(TestImage.ManifestTypes.Split(", "), type => Assert.Contains(type, accepted));
    }

    [Fact]
    public async Task On_the_loopback_any_certificate_will_do()
    {
        using var certificate = LabServer.CreateCertificate("elsewhere", TimeSpan.FromDays(1));
        await using var registry = await LabServer.StartAsync(Found, certificate);

        Assert.Equal(SomeDigest, await ResolveAsync($"{registry.Host}/api"));
    }

    [Fact]
    public async Task Elsewhere_a_certificate_that_is_not_trusted_is_transient_and_named()
    {
        var (name, address) = Elsewhere ?? throw SkipException.ForSkip("no name but localhost leads to this machine's loopback");
        using var certificate = LabServer.CreateCertificate("lab", TimeSpan.FromDays(1), authority: null, name);
        await using var registry = await LabServer.StartAsync(Found, certificate, address);

        await FailsAsync($"{name}:{registry.Port}/api", FailureKind.Transient, "certificate: self-signed");
    }

    [Fact]
    public async Task An_authority_in_dockers_folder_is_trusted_for_its_registry_alone()
    {
        var (name, address) = Elsewhere ?? throw SkipException.ForSkip("no name but localhost leads to this machine's loopback");
        using var authority = LabServer.CreateCertificate("lab authority", TimeSpan.FromDays(2));
        using var certificate = LabServer.CreateCertificate("registry", TimeSpan.FromDays(1), authority, name);
        await using var registry = await LabServer.StartAsync(Found, certificate, address);
        await using var other = await LabServer.StartAsync(Found, certificate, address);
        await FailsAsync($"{name}:{registry.Port}/api", FailureKind.Transient, "certificate: issued by an authority that is not trusted here");

        certificates.Write($"{name}:{registry.Port}/ca.crt", authority.ExportCertificatePem());

        Assert.Equal(SomeDigest, await ResolveAsync($"{name}:{registry.Port}/api"));
        await FailsAsync($"{name}:{other.Port}/api", FailureKind.Transient, "certificate: issued by");
    }

    [Fact]
    public async Task Plain_http_is_for_registries_that_the_engine_lists()
    {
        var (name, address) = Elsewhere ?? throw SkipException.ForSkip("no name but localhost leads to this machine's loopback");
        await using var registry = await LabServer.StartAsync(Found, address: address);
        var host = $"{name}:{registry.Port}";

        await FailsAsync($"{host}/api", FailureKind.Transient, "TLS");
        Assert.Equal(SomeDigest, await Client(insecure: new FakeInsecureRegistries(host)).ResolveDigestAsync(Image($"{host}/api"), access: null, Cancelled));
        Assert.Equal(SomeDigest, await Client(insecure: new FakeInsecureRegistries("127.0.0.0/8", "::1/128")).ResolveDigestAsync(Image($"{host}/api"), access: null, Cancelled));
        await FailsAsync(Client(insecure: new FakeInsecureRegistries("10.255.255.0/24", "other:5000")), $"{host}/api", FailureKind.Transient, "TLS");
    }

    [Fact]
    public async Task The_engine_is_not_asked_about_a_registry_that_answers()
    {
        await using var registry = await AnsweringAsync(404);
        var insecure = new FakeInsecureRegistries();

        await FailsAsync(Client(insecure: insecure), $"{registry.Host}/api", FailureKind.Waiting, "");

        Assert.Equal(0, insecure.Questions);
    }

    private static Task Found(HttpContext context)
    {
        context.Response.Headers["Docker-Content-Digest"] = SomeDigest;
        return Task.CompletedTask;
    }

    private static Task<LabServer> AnsweringAsync(int status, string? retryAfter = null) => LabServer.StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    });

    private static (string, IPAddress)? FindNameOfLoopback()
    {
        foreach (var name in new[] { Dns.GetHostName(), "localhost.localdomain", "ip6-localhost", "ip6-loopback" })
        {
            try
            {
                if (Dns.GetHostAddresses(name).FirstOrDefault(IPAddress.IsLoopback) is { } address)
                {
                    return (name, address);
                }
            }
            catch (SocketException)
            {
                // not known here
            }
        }

        return null;
    }

    private static ImageReference Image(string text) => ImageReference.TryParse(text, out var image) ? image : throw new ArgumentException(text);

    private RegistryClient Client(TimeProvider? clock = null, TimeSpan? timeLimit = null, IInsecureRegistries? insecure = null)
    {
        var client = new RegistryClient(folder.Credentials, insecure ?? new FakeInsecureRegistries(), clock ?? TimeProvider.System, timeLimit, certificates.Path);
        clients.Add(client);
        return client;
    }

    private Task<string> ResolveAsync(string image) => Client().ResolveDigestAsync(Image(image), access: null, Cancelled);

    private Task<FailureException> FailsAsync(string image, FailureKind kind, string says) => FailsAsync(Client(), image, kind, says);

    private static async Task<FailureException> FailsAsync(RegistryClient client, string image, FailureKind kind, string says)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => client.ResolveDigestAsync(Image(image), access: null, Cancelled));
        Assert.Contains(says, failure.Message);
        Assert.Equal(kind, failure.Kind);
        return failure;
    }

    /// <summary>The system's clock, so that time limits work, but telling another time.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
