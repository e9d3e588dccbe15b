using Eclusier.Adapters.Git;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

/// <summary>Where an HTTP server's branches and tags are is asked without git, and by git whenever in doubt.</summary>
public sealed class HttpReferenceSpecs : IDisposable
{
    private static readonly string[] OnlySettings = ["config"];

    private readonly Host host = new(new GitLimits { Silence = TimeSpan.FromSeconds(2), Ask = TimeSpan.FromSeconds(4) });

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public async Task A_poll_is_one_request_and_no_process(string objectFormat)
    {
        var repository = host.Repository(objectFormat: objectFormat);
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation);
        var second = repository.Commit("Second", ("a", "2"));
        var before = server.RequestCount;

        var head = await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation);

        Assert.Equal(new Head("main", CommitId.Parse(second)), head);
        Assert.Equal(["POST /app.git/git-upload-pack"], server.Requests.Skip(before));
        Assert.Equal(OnlySettings, host.Processes.Commands);
    }

    [Fact]
    public async Task Several_branches_and_tags_are_one_question()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        repository.Tag("v1.2.0", "annotated");
        repository.Tag("v1.10.0", "annotated too");
        repository.Tag("nightly");
        repository.Branch("main-2");
        repository.Switch("main-2");
        var other = repository.Commit("Other", ("a", "2"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        RevisionSelector[] selectors = [new RevisionSelector.Branch("main"), new RevisionSelector.Branch("main-2"), new RevisionSelector.Tag("v*"), new RevisionSelector.Branch("gone")];

        var heads = await host.Reader.ReadHeadsAsync(Host.MainOf(server.UrlOf(repository)), selectors[..3], Host.Cancellation);

        Assert.Equal([first, other, first], selectors[..3].Select(selector => heads.Of(selector).Commit.Value));
        Assert.Equal("v1.10.0", heads.Of(selectors[2]).RefName);
        Assert.Equal(2, server.RequestCount); // who it is, and where they are

        heads = await host.Reader.ReadHeadsAsync(Host.MainOf(server.UrlOf(repository)), selectors, Host.Cancellation);

        Assert.Equal(other, heads.Of(selectors[1]).Commit.Value);
        Assert.Contains("'main'", Assert.Throws<FailureException>(() => heads.Of(selectors[3])).Message);
        Assert.Equal(OnlySettings, host.Processes.Commands);
    }

    [Fact]
    public async Task The_token_is_given_to_the_configured_server_only()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.Credential = ("agent", "s3cr3t");
        var given = new List<string>();
        await using var elsewhere = await LabServer.StartAsync(context =>
        {
            given.Add(context.Request.Headers.Authorization.ToString());
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        await using var moved = await LabServer.StartAsync(context =>
        {
            given.Add("first: " + (context.Request.Headers.Authorization.Count > 0));
            context.Response.Redirect(elsewhere.Address.ToString().TrimEnd('/') + context.Request.Path + context.Request.QueryString);
            return Task.CompletedTask;
        });

        Assert.Equal(first, (await host.Reader.ReadHeadAsync(WithToken(server.UrlOf(repository)), Host.Cancellation)).Commit.Value);
        Assert.Equal(OnlySettings, host.Processes.Commands);
        await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(WithToken($"{moved.Address}app.git"), Host.Cancellation));

        Assert.Equal(["first: False", ""], given[..2]); // nobody has asked for it
        Assert.DoesNotContain(given, header => header.StartsWith("Basic", StringComparison.Ordinal) || header == "first: True");
    }

    [Fact]
    public async Task A_redirection_is_followed_once_and_then_known()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        var redirections = 0;
        await using var moved = await LabServer.StartAsync(context =>
        {
            redirections++;
            context.Response.Redirect($"{server.Url}/app.git{context.Request.Path.Value!["/old.git".Length..]}{context.Request.QueryString}");
            return Task.CompletedTask;
        });

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(first, (await host.Reader.ReadHeadAsync(Host.MainOf($"{moved.Address}old.git"), Host.Cancellation)).Commit.Value);
        }

        Assert.Equal(1, redirections);
        Assert.Equal(OnlySettings, host.Processes.Commands);
    }

    [Fact]
    public async Task A_server_of_the_old_protocol_is_left_to_git()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.SpeaksOldProtocol = true;

        Assert.Equal(first, (await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation)).Commit.Value);
        var before = server.RequestCount;
        Assert.Equal(first, (await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation)).Commit.Value);

        Assert.Equal(1, server.RequestCount - before); // git's own, and no question of ours
        Assert.Equal(["config", "ls-remote", "ls-remote"], host.Processes.Commands);
    }

    [Theory]
    [InlineData("[http]\n\tsslVerify = false")]
    [InlineData("[http \"http://127.0.0.1/\"]\n\textraHeader = X: y")]
    [InlineData("[protocol]\n\tversion = 0")]
    public async Task What_git_is_told_of_http_counts(string settings)
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await host.Mirrors.Git.RunAsync(new GitCommand(host.State, "version") { Doing = "beginning" }, Host.Cancellation);
        File.AppendAllText(host.Mirrors.Git.Home.ConfigFile, settings + "\n");

        await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation);

        Assert.Equal(["version", "config", "ls-remote"], host.Processes.Commands);
    }

    [Fact]
    public async Task Another_address_that_git_is_told_of_is_asked()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await host.Mirrors.Git.RunAsync(new GitCommand(host.State, "version") { Doing = "beginning" }, Host.Cancellation);
        File.AppendAllText(host.Mirrors.Git.Home.ConfigFile, $"[url \"{server.Url}/\"]\n\tinsteadOf = https://git.example.org/\n");

        Assert.Equal(first, (await host.Reader.ReadHeadAsync(Host.MainOf("https://git.example.org/app.git"), Host.Cancellation)).Commit.Value);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_server_that_says_when_to_come_back_is_heard(int status)
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await using var front = await FaultyFront.StartAsync(server.Url);
        var source = Host.MainOf($"{front.Url}/app.git");
        await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        front.Fault = new Fault.Status(status, RetryAfter: 77);

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(source, Host.Cancellation));

        Assert.Equal((FailureKind.Transient, TimeSpan.FromSeconds(77)), (failure.Kind, failure.Failure.RetryAfter));
        Assert.Equal(OnlySettings, host.Processes.Commands);
    }

    public static TheoryData<Fault> Noises => [new Fault.Garbage(), new Fault.CutOff(20), new Fault.Endless("003d1eabc9a4c0ffee00000000000000000000000001 refs/heads/main\n"), new Fault.Endless("ffff")];

    [Theory]
    [MemberData(nameof(Noises))]
    public async Task Noise_is_bounded_and_passes(Fault noise)
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await using var front = await FaultyFront.StartAsync(server.Url);
        var source = Host.MainOf($"{front.Url}/app.git");
        await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        front.Fault = noise;

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(source, Host.Cancellation));
        front.Fault = null;

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal(first, (await host.Reader.ReadHeadAsync(source, Host.Cancellation)).Commit.Value);
        Assert.Equal("ls-remote", host.Processes.Commands.Skip(1).Single()); // only while there was noise
    }

    [Fact]
    public async Task A_server_that_trickles_is_given_up_at_the_overall_limit()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await using var front = await FaultyFront.StartAsync(server.Url);
        front.Fault = new Fault.Slow(BytesPerSecond: 10);

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(Host.MainOf($"{front.Url}/app.git"), Host.Cancellation));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("not done within 4 s", failure.Message);
    }

    [Fact]
    public async Task A_server_that_was_started_again_is_found_again()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        var server = await GitHttpServer.StartAsync(host.Repositories);
        var source = Host.MainOf(server.UrlOf(repository));
        await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        var port = new Uri(server.Url).Port;
        await server.DisposeAsync();
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(source, Host.Cancellation))).Kind);
        await using var again = await GitHttpServer.StartAsync(host.Repositories, port);

        Assert.Equal(first, (await host.Reader.ReadHeadAsync(source, Host.Cancellation)).Commit.Value);
        Assert.Equal("ls-remote", host.Processes.Commands.Skip(1).Single());
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_refused()
    {
        using var certificate = LabServer.CreateCertificate("git.example.org", TimeSpan.FromDays(1), null, "127.0.0.1");
        var asked = 0;
        await using var server = await LabServer.StartAsync(
            _ =>
            {
                asked++;
                return Task.CompletedTask;
            },
            certificate);

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(WithToken($"https://127.0.0.1:{server.Port}/app.git"), Host.Cancellation));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("certificate is not trusted", failure.Message);
        Assert.Equal(0, asked);
    }

    private static Source WithToken(string url) => Host.MainOf(url) with { Credential = new SourceCredential.Token("agent", new SecretSource.Value(new Secret("s3cr3t"))) };
}
