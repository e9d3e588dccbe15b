using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class SubmoduleSpecs : IDisposable
{
    private const string Token = "t0ken-of-all";
    private readonly Host host = new();
    private readonly GitRepository app;
    private readonly GitRepository library;
    private readonly GitRepository fonts;

    public SubmoduleSpecs()
    {
        (app, library, fonts) = (host.Repository("app"), host.Repository("library"), host.Repository("fonts"));
        fonts.Commit("Fonts", ("font", "one\n"));
        library.Commit("Library", ("lib.conf", "one\n"));
        library.AddSubmodule("../fonts.git", "fonts", fonts);
        library.Push();
        app.Commit("App", ("compose.yaml", "services: {}\n"));
        app.AddSubmodule("../library.git", "vendor/library", library);
        app.Push();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task Nested_submodules_with_relative_addresses_are_staged_with_the_token_and_moved_without_network()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.Credential = ("agent", Token);
        var stack = Stack(server);
        var revision = await host.FetchAsync(stack.Source);

        var staged = await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        server.FailWith = 500;
        var requests = server.RequestCount;
        await host.WorkTree.MoveAsync(stack, revision.Commit, [], Host.Cancellation);

        Assert.Equal("one\n", await File.ReadAllTextAsync(Path.Combine(staged.Path, "vendor/library/fonts/font"), Host.Cancellation));
        Assert.Equal(["one\n", "one\n"], [host.ReadWork(stack, "vendor/library/lib.conf"), host.ReadWork(stack, "vendor/library/fonts/font")]);
        Assert.Equal(library.Head, staged.ObjectIds["vendor/library"]);
        Assert.Equal(fonts.Git("rev-parse", "HEAD:font"), staged.ObjectIds["vendor/library/fonts/font"]);
        Assert.Equal(requests, server.RequestCount);
        Assert.Equal("", GitRepository.GitIn(host.WorkTree.PathOf(stack), "status", "--porcelain"));
        Assert.DoesNotContain(host.StateFiles(), file => file.Text.Contains(Token));
    }

    [Fact]
    public async Task A_newer_submodule_and_a_rollback_to_the_older_one_need_no_network()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        var stack = Stack(server);
        await host.DeployAsync(stack);
        var before = CommitId.Parse(app.Head);
        fonts.Commit("Newer", ("font", "two\n"));
        library.Git("-C", "fonts", "fetch", "--quiet");
        library.Git("-C", "fonts", "checkout", "--quiet", fonts.Head);
        library.Commit("Newer fonts", ("lib.conf", "two\n"));
        app.Git("-C", "vendor/library", "fetch", "--quiet");
        app.Git("-C", "vendor/library", "checkout", "--quiet", library.Head);
        app.Commit("Newer library");

        await host.DeployAsync(stack);
        Assert.Equal(["two\n", "two\n"], [host.ReadWork(stack, "vendor/library/lib.conf"), host.ReadWork(stack, "vendor/library/fonts/font")]);

        server.FailWith = 500;
        var requests = server.RequestCount;
        await host.WorkTree.MoveAsync(stack, before, [], Host.Cancellation);
        Assert.Equal(["one\n", "one\n"], [host.ReadWork(stack, "vendor/library/lib.conf"), host.ReadWork(stack, "vendor/library/fonts/font")]);
        Assert.Equal(requests, server.RequestCount);
    }

    [Fact]
    public async Task Local_edits_in_a_submodule_are_saved_and_untracked_files_stay_and_are_shown()
    {
        var stack = Host.Shop(app.Bare);
        await host.DeployAsync(stack);
        host.WriteWork(stack, "vendor/library/lib.conf", "edited\n");
        host.WriteWork(stack, "vendor/library/fonts/extra", "mine\n");
        app.Commit("Next", ("compose.yaml", "services: { }\n"));

        var staged = await host.StageAsync(stack);
        var patch = (await host.WorkTree.MoveAsync(stack, CommitId.Parse(app.Head), [], Host.Cancellation))?.Patch;

        Assert.Equal("mine\n", await File.ReadAllTextAsync(Path.Combine(staged.Path, "vendor/library/fonts/extra"), Host.Cancellation));
        Assert.EndsWith("-vendor-library.patch", patch);
        Assert.Contains("+edited", await File.ReadAllTextAsync(patch!, Host.Cancellation));
        Assert.Equal(["one\n", "mine\n"], [host.ReadWork(stack, "vendor/library/lib.conf"), host.ReadWork(stack, "vendor/library/fonts/extra")]);
    }

    [Fact]
    public async Task A_submodule_that_goes_leaves_only_what_was_never_tracked()
    {
        var stack = Host.Shop(app.Bare);
        await host.DeployAsync(stack);
        host.WriteWork(stack, "vendor/library/mine", "mine\n");
        app.Git("rm", "--quiet", "vendor/library");
        app.Commit("Without", ("vendor/other", "other\n"));

        await host.DeployAsync(stack);

        Assert.Equal(["library/mine", "other"], Directory.GetFiles(Path.Combine(host.WorkTree.PathOf(stack), "vendor"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(host.WorkTree.PathOf(stack), "vendor"), file)).Order());
    }

    [Fact]
    public async Task A_submodule_of_the_servers_own_disk_is_refused_to_a_remote_repository()
    {
        app.Git("config", "--file", ".gitmodules", "submodule.library.url", library.Bare);
        app.Commit("A local address");
        await using var server = await GitHttpServer.StartAsync(host.Repositories);

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.StageAsync(Stack(server)));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("transport 'file' not allowed", failure.Message);
    }

    [Fact]
    public async Task A_submodule_on_another_server_is_not_given_the_token()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        await using var stranger = await GitHttpServer.StartAsync(host.Repositories);
        (server.Credential, stranger.Credential) = (("agent", Token), ("agent", Token));
        app.Git("config", "--file", ".gitmodules", "submodule.library.url", stranger.UrlOf(library));
        app.Commit("A strange address");

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.StageAsync(Stack(server)));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.True(stranger.RequestCount > 0);
    }

    [Fact]
    public async Task Staging_a_second_time_after_a_server_failure_needs_no_new_submodules()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.FailFor = path => path.Contains("fonts") ? 503 : null;
        var revision = await host.FetchAsync(Stack(server).Source);

        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => host.WorkTree.StageAsync(Stack(server), revision, Host.Cancellation))).Kind);
        server.FailFor = path => path.Contains("library") ? 503 : null;
        await host.WorkTree.StageAsync(Stack(server), revision, Host.Cancellation);
    }

    private Stack Stack(GitHttpServer server) =>
        Host.Shop(server.UrlOf(app)) with
        {
            Source = Host.MainOf(server.UrlOf(app)) with { Credential = new SourceCredential.Token("agent", new SecretSource.Value(new Secret(Token))) },
        };
}
