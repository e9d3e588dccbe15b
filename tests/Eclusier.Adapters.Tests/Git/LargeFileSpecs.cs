using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class LargeFileSpecs : IDisposable
{
    private const string Token = "t0ken-of-large-files";
    private readonly Host host = new();
    private readonly GitRepository repository;

    public LargeFileSpecs() => repository = host.Repository();

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task Large_files_come_over_http_with_the_token_and_the_move_needs_no_network()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.AcceptsPushes = true;
        CommitLargeFile(server.UrlOf(repository));
        server.Credential = ("agent", Token);
        var stack = Host.Shop(server.UrlOf(repository)) with { Source = Host.MainOf(server.UrlOf(repository)) with { Credential = new SourceCredential.Token("agent", new SecretSource.Value(new Secret(Token))) } };
        var revision = await host.FetchAsync(stack.Source);

        var staged = await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        Assert.Contains(server.Requests, request => request.EndsWith("/info/lfs/objects/batch"));
        server.FailWith = 500;
        var requests = server.RequestCount;
        await host.WorkTree.MoveAsync(stack, revision.Commit, [], Host.Cancellation);

        Assert.Equal("a large file\n", await File.ReadAllTextAsync(Path.Combine(staged.Path, "big.bin"), Host.Cancellation));
        Assert.Equal("a large file\n", host.ReadWork(stack, "big.bin"));
        Assert.Equal(requests, server.RequestCount);
        Assert.DoesNotContain(host.StateFiles(), file => file.Text.Contains(Token));
    }

    [Fact]
    public async Task Large_files_of_a_local_repository_are_copied()
    {
        CommitLargeFile($"file://{repository.Bare}");
        var stack = Host.Shop(repository.Bare);

        await host.DeployAsync(stack);

        Assert.Equal("a large file\n", host.ReadWork(stack, "big.bin"));
    }

    [Fact]
    public async Task A_server_that_fails_to_give_large_files_is_tried_again_and_one_that_lost_them_is_rejected()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.AcceptsPushes = true;
        CommitLargeFile(server.UrlOf(repository));
        var stack = Host.Shop(server.UrlOf(repository));
        var revision = await host.FetchAsync(stack.Source);

        server.FailFor = path => path.Contains("lfs") ? 503 : null;
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<FailureException>(() => host.WorkTree.StageAsync(stack, revision, Host.Cancellation))).Kind);
        server.FailFor = null;
        Directory.Delete(Path.Combine(host.Repositories, ".lfs"), recursive: true);
        Assert.Equal(FailureKind.Rejected, (await Assert.ThrowsAsync<FailureException>(() => host.WorkTree.StageAsync(stack, revision, Host.Cancellation))).Kind);
    }

    [Fact]
    public async Task Without_git_lfs_the_commit_is_rejected_with_the_remedy()
    {
        repository.Commit("First", ("assets/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"));
        host.Processes.Replace = spec => spec.Arguments is ["lfs", ..] ? spec with { Arguments = ["no-such-command"] } : spec;

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.StageAsync(Host.Shop(repository.Bare)));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("install the package git-lfs", failure.Message);
    }

    private void CommitLargeFile(string url)
    {
        repository.Git("lfs", "install", "--local");
        repository.Git("remote", "set-url", "origin", url);
        repository.CommitLocally("Attributes", (".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"));
        repository.Commit("Large", ("big.bin", "a large file\n"));
        Assert.StartsWith("version https://git-lfs", repository.Git("show", "HEAD:big.bin"));
    }
}
