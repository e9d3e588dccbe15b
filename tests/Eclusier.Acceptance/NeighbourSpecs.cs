using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>Two stacks in one agent.</summary>
public sealed class NeighbourSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stack_whose_git_server_hangs_does_not_delay_the_other()
    {
        await using var shop = await Shop.CreateAsync();
        await using var git = await GitHttpServer.StartAsync(Path.Combine(shop.Host.Folder, "git"));
        var (blog, repository) = Neighbour.Create(shop);
        Neighbour.Configure(shop, parallel: 1, (shop.Stack, shop.Repository.Bare), (blog, git.UrlOf(repository)));
        git.Hangs = true;

        await shop.BeginWithAsync("v1");
        var commit = await shop.PushAsync("v2");
        await shop.ExpectAsync("committed", commit);

        var deploy = await shop.RunAsync("deploy"); // nor does it hold up a command
        Assert.True(deploy.ExitCode == 0, deploy.ToString());
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Contains(git.Requests, request => request.Contains("blog.git", StringComparison.Ordinal));
        var broken = await shop.Host.AwaitStatusAsync(blog, "its own trouble is told", status => status.State == "unavailable", cancellationToken: Token);
        Assert.Contains(git.Url, broken.Message);
        Assert.Equal("healthy", (await shop.StatusAsync()).State);

        git.Hangs = false;
        await shop.PushImageAsync("web", "v1", "v1");
        var first = repository.Commit("Blog v1", ("compose.yaml", Neighbour.ComposeOf(shop)));
        Assert.Equal("committed", (await shop.Host.AwaitDeploymentAsync(blog, first, cancellationToken: Token)).Result);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task As_many_stacks_as_allowed_are_deployed_at_the_same_time(int parallel)
    {
        await using var shop = await Shop.CreateAsync();
        var (blog, repository) = Neighbour.Create(shop);
        Neighbour.Configure(shop, parallel, (shop.Stack, shop.Repository.Bare), (blog, repository.Bare));
        var one = await shop.PushAsync("v1", version => version.With("start_delay", "3"));
        var other = repository.Commit("Blog v1", ("compose.yaml", Neighbour.ComposeOf(shop)));

        await shop.Host.StartAsync();
        var first = await shop.Host.AwaitDeploymentAsync(shop.Stack, one, cancellationToken: Token);
        var second = await shop.Host.AwaitDeploymentAsync(blog, other, cancellationToken: Token);

        Assert.Equal(["committed", "committed"], [first.Result, second.Result]);
        var overlap = BegunAt(first) < second.EndedAt && BegunAt(second) < first.EndedAt;
        Assert.Equal(parallel == 2, overlap);

        // a fetch needs no free place
        static DateTimeOffset BegunAt(DeploymentView deployment) => deployment.Steps.Single(step => step.Step == "render").StartedAt;
    }
}
