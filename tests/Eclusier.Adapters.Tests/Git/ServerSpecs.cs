using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Eclusier.Adapters.Git;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class ServerSpecs : IDisposable
{
    private const string Token = "ghp_s3cr3t-token";
    private readonly Host host = new(new GitLimits { Silence = TimeSpan.FromSeconds(2), Ask = TimeSpan.FromSeconds(20) });

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(401, FailureKind.Rejected, "asks for credentials")]
    [InlineData(403, FailureKind.Rejected, "refused")]
    [InlineData(404, FailureKind.Rejected, "not found")]
    [InlineData(429, FailureKind.Transient, "429")]
    [InlineData(500, FailureKind.Transient, "500")]
    [InlineData(503, FailureKind.Transient, "503")]
    public async Task A_status_of_the_server_decides_what_kind_of_failure_it_is(int status, FailureKind kind, string words)
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        var head = await host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation);
        if (status == 401)
        {
            server.Credential = ("agent", Token);
        }
        else
        {
            server.FailWith = status;
        }

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(Host.MainOf(server.UrlOf(repository)), Host.Cancellation));
        var fetching = await Assert.ThrowsAsync<FailureException>(() => host.Reader.FetchAsync(Host.MainOf(server.UrlOf(repository)), head, Host.Cancellation));

        Assert.Equal((kind, kind), (failure.Kind, fetching.Kind));
        Assert.Contains(words, failure.Message);
        Assert.Contains(server.UrlOf(repository), failure.Message);
    }

    [Fact]
    public async Task A_repository_that_the_server_does_not_have_is_rejected()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);

        Assert.Equal(FailureKind.Rejected, (await FailureAsync(Host.MainOf($"{server.Url}/nowhere.git"))).Kind);
        Assert.Equal(FailureKind.Rejected, (await FailureAsync(Host.MainOf(Path.Combine(host.Repositories, "nowhere.git")))).Kind);
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up_and_tried_again_later()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.Hangs = true;
        var clock = Stopwatch.StartNew();

        var failure = await FailureAsync(Host.MainOf(server.UrlOf(repository)));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(8), $"took {clock.Elapsed}");

        server.Hangs = false;
        Assert.Equal("First", (await host.FetchAsync(Host.MainOf(server.UrlOf(repository)))).Subject);
    }

    [Fact]
    public async Task A_server_of_the_git_protocol_that_hangs_meets_the_overall_limit()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var impatient = new Host(new GitLimits { Ask = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<FailureException>(() =>
            impatient.Reader.ReadHeadAsync(Host.MainOf($"git://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/app.git"), Host.Cancellation));

        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/app.git")]
    [InlineData("git://127.0.0.1:{0}/app.git")]
    [InlineData("ssh://git@127.0.0.1:{0}/app.git")]
    [InlineData("http://no-such-host.invalid/app.git")]
    public async Task A_server_that_is_not_there_is_tried_again_later(string url)
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        Assert.Equal(FailureKind.Transient, (await FailureAsync(Host.MainOf(string.Format(url, port)))).Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_opens_the_repository_and_is_nowhere_to_be_seen(bool fromFile)
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.Credential = ("agent", Token);
        var source = Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.Token("agent", fromFile ? TokenFile($"\n  {Token} \r\n") : new SecretSource.Value(new Secret(Token))) };

        Assert.Equal("First", (await host.FetchAsync(source)).Subject);
        await host.DeployAsync(new Stack(StackName.Parse("shop"), source));

        Assert.NotEmpty(host.Processes.Started);
        Assert.All(host.Processes.Started, spec =>
        {
            Assert.DoesNotContain(Token, spec.ToString());
            Assert.DoesNotContain(spec.Environment, variable => variable.Value?.Contains(Token) == true);
        });
        Assert.DoesNotContain(host.StateFiles(), file => file.Text.Contains(Token));
    }

    [Fact]
    public async Task A_wrong_token_is_rejected_without_being_told()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.Credential = ("agent", Token);

        var failure = await FailureAsync(Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.Token("agent", new SecretSource.Value(new Secret("wr0ng"))) });

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("refused the credentials", failure.Message);
        Assert.DoesNotContain("wr0ng", failure.ToString() + string.Concat(failure.Failure.Evidence));
        Assert.DoesNotContain(host.StateFiles(), file => file.Text.Contains("wr0ng"));
    }

    [Fact]
    public async Task A_missing_or_empty_token_file_is_rejected_by_its_path()
    {
        var source = Host.MainOf("http://127.0.0.1:1/app.git");

        Assert.Contains("/nowhere/token", (await FailureAsync(source with { Credential = new SourceCredential.Token("agent", new SecretSource.File("/nowhere/token")) })).Message);
        Assert.Contains("is empty", (await FailureAsync(source with { Credential = new SourceCredential.Token("agent", TokenFile(" \n")) })).Message);
    }

    [Fact]
    public async Task A_password_in_an_address_is_never_repeated()
    {
        var failure = await FailureAsync(Host.MainOf($"http://agent:{Token}@127.0.0.1:1/app.git"));

        Assert.DoesNotContain(Token, failure.ToString() + string.Concat(failure.Failure.Evidence));
        Assert.Contains("http://127.0.0.1:1/app.git", failure.Message);
    }

    [Theory]
    [InlineData("Username for 'https://git.example.org:8443': ", "agent")]
    [InlineData("Password for 'https://agent@git.example.org:8443': ", Token)]
    [InlineData("Username for \"https://git.example.org:8443/app.git\"", "agent")]
    [InlineData("Password for \"https://agent@git.example.org:8443/app.git\"", Token)]
    [InlineData("Password for 'https://agent@git.example.org': ", null)]
    [InlineData("Password for 'http://agent@git.example.org:8443': ", null)]
    [InlineData("Password for 'https://agent@evil.example.net': ", null)]
    [InlineData("Password for 'https://git.example.org:8443/@evil.example.net': ", null)]
    [InlineData("Password for 'https://x@git.example.org:8443': @evil.example.net': ", null)]
    [InlineData("Password for \"https://git.example.org:8443@evil.example.net/app.git\"", null)]
    [InlineData("Password for \"https://evil.example.net/@git.example.org:8443\"", null)]
    [InlineData("Enter passphrase for key '/root/.ssh/id': ", null)]
    public async Task The_password_is_given_for_the_configured_server_only(string question, string? answer)
    {
        // a real call shows where the script is and how it is told; then it is asked by hand
        await FailureAsync(Host.MainOf("https://git.example.org:8443/app.git") with { Credential = new SourceCredential.Token("agent", TokenFile(Token)) });
        var spec = host.Processes.Started[^1];

        var result = await host.Processes.RunAsync(spec with { FileName = spec.Environment["GIT_ASKPASS"]!, Arguments = [question] }, Host.Cancellation);

        Assert.Equal(answer ?? "", result.StandardOutput.Trim());
        Assert.Equal(answer is not null, result.Succeeded);
    }

    [Fact]
    public async Task An_ssh_key_and_known_hosts_open_the_repository()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await SshServer.StartAsync(Path.Combine(host.Folder, "ssh"));
        var source = Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.SshKey(server.UserKeyFile, server.KnownHostsFile) };

        Assert.Equal("First", (await host.FetchAsync(source)).Subject);
    }

    [Fact]
    public async Task An_unknown_host_key_is_rejected()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await SshServer.StartAsync(Path.Combine(host.Folder, "ssh"));
        var none = Path.Combine(host.Folder, "none");
        await File.WriteAllTextAsync(none, "", Host.Cancellation);

        var failure = await FailureAsync(Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.SshKey(server.UserKeyFile, none) });
        var withoutKey = await FailureAsync(Host.MainOf(server.UrlOf(repository)));

        Assert.Equal((FailureKind.Rejected, FailureKind.Rejected), (failure.Kind, withoutKey.Kind));
        Assert.Contains("not in the known hosts file", failure.Message);
        Assert.Empty(await File.ReadAllTextAsync(none, Host.Cancellation)); // nothing was learned
    }

    [Fact]
    public async Task A_refused_ssh_key_is_rejected()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        await using var server = await SshServer.StartAsync(Path.Combine(host.Folder, "ssh"));
        await using var other = await SshServer.StartAsync(Path.Combine(host.Folder, "other"));

        var failure = await FailureAsync(Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.SshKey(other.UserKeyFile, server.KnownHostsFile) });

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("Permission denied", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("file://")]
    public async Task A_local_repository_of_another_user_is_read(string scheme)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give files away");
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        Ownership.Give(repository.Bare, 12345);
        Ownership.Give(repository.Clone, 12345);

        Assert.Equal("First", (await host.FetchAsync(Host.MainOf(scheme + repository.Bare))).Subject);
        Assert.Equal("First", (await host.FetchAsync(Host.MainOf(scheme + repository.Clone))).Subject); // one with a work tree
        Assert.DoesNotContain("*", await File.ReadAllTextAsync(Path.Combine(host.State, "gitconfig"), Host.Cancellation)); // trusted by name only
    }

    private SecretSource.File TokenFile(string content)
    {
        var file = Path.Combine(host.Folder, "the token");
        File.WriteAllText(file, content);
        return new SecretSource.File(file);
    }

    private Task<FailureException> FailureAsync(Source source) =>
        Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(source, Host.Cancellation));
}
