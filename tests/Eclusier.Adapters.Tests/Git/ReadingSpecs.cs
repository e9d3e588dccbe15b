using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class ReadingSpecs : IDisposable
{
    private readonly Host host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task A_branch_is_read_fetched_and_described()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        var sha = repository.Commit("Second: with \"quotes\" and é", ("a", "2"));
        repository.Branch("other/refs/heads/main"); // whose end looks like the one asked for
        repository.Commit("Elsewhere", ("b", "1"));

        var head = await host.Reader.ReadHeadAsync(Host.MainOf(repository.Bare), Host.Cancellation);
        var revision = await host.Reader.FetchAsync(Host.MainOf(repository.Bare), head, Host.Cancellation);

        Assert.Equal(new Head("main", CommitId.Parse(sha)), head);
        Assert.Equal("Second: with \"quotes\" and é", revision.Subject);
        Assert.Equal("Ada Lovelace", revision.Author);
        Assert.Equal($"main@{sha[..7]}", revision.ToString());
        Assert.True(DateTimeOffset.UtcNow - revision.Date < TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Reading_the_head_fetches_nothing_and_fetching_twice_asks_once()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));

        var head = await host.Reader.ReadHeadAsync(Host.MainOf(repository.Bare), Host.Cancellation);
        Assert.Equal(["ls-remote"], host.Processes.Commands);

        await host.Reader.FetchAsync(Host.MainOf(repository.Bare), head, Host.Cancellation);
        await host.Reader.FetchAsync(Host.MainOf(repository.Bare), head, Host.Cancellation);
        Assert.Single(host.Processes.Commands, "fetch");
    }

    [Fact]
    public async Task A_deleted_branch_is_rejected_and_others_are_named()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        foreach (var name in (string[])["release", "stage", "staging-2", "zebra"])
        {
            repository.Branch(name);
        }

        repository.DeleteBranch("stage");
        var failure = await RejectedAsync(new Source(repository.Bare, new RevisionSelector.Branch("stage")));

        Assert.Equal($"branch 'stage' does not exist in {repository.Bare}; it has 'staging-2', 'main', 'release' and 1 more", failure.Message);
    }

    [Fact]
    public async Task A_repository_without_commits_is_rejected()
    {
        Assert.Contains("it has no branches yet", (await RejectedAsync(Host.MainOf(host.Repository().Bare))).Message);
    }

    [Theory]
    [InlineData("v*", "v1.10.0")]
    [InlineData("v1.9.*", "v1.9.0")]
    [InlineData("*", "v1.10.0")]
    [InlineData("v3*", "v3.0.0-rc.11")]
    [InlineData("v2.0.0-*", "v2.0.0-beta")]
    [InlineData("api-*", "api-0.3.0")]
    public async Task The_newest_version_among_the_matching_tags_is_followed(string pattern, string expected)
    {
        var repository = host.Repository();
        foreach (var tag in (string[])["v1.9.0", "v1.10.0", "v1.2.0", "v2.0.0-beta", "v2.0.0-alpha.9", "v3.0.0-rc.2", "v3.0.0-rc.11", "nightly", "v99", "api-0.2.0", "api-0.3.0"])
        {
            repository.Commit(tag, ("version", tag));
            repository.Tag(tag, message: tag == "v1.10.0" ? "annotated" : null);
        }

        var source = new Source(repository.Bare, new RevisionSelector.Tag(pattern));
        var head = await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        var revision = await host.Reader.FetchAsync(source, head, Host.Cancellation);

        Assert.Equal(expected, head.RefName);
        Assert.Equal(expected, revision.Subject);
        Assert.Equal(repository.Git("rev-parse", $"refs/tags/{expected}^{{commit}}"), head.Commit.Value); // not the annotated tag's own object
    }

    [Fact]
    public async Task No_matching_version_is_rejected()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        repository.Tag("nightly");

        Assert.Contains("no tag of", (await RejectedAsync(new Source(repository.Bare, new RevisionSelector.Tag("v*")))).Message);
    }

    [Fact]
    public async Task A_fixed_commit_needs_no_question()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        repository.Commit("Second", ("a", "2"));
        var source = new Source(repository.Bare, new RevisionSelector.Commit(CommitId.Parse(first)));

        var head = await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        Assert.Empty(host.Processes.Started);
        Assert.Equal(first[..7], head.RefName);

        Assert.Equal("First", (await host.Reader.FetchAsync(source, head, Host.Cancellation)).Subject);
    }

    [Fact]
    public async Task A_fixed_commit_that_does_not_exist_is_rejected()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        var nowhere = CommitId.Parse(new string('a', 40));
        var source = new Source(repository.Bare, new RevisionSelector.Commit(nowhere));

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.FetchAsync(source, new Head("aaaaaaa", nowhere), Host.Cancellation));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains($"commit {nowhere} does not exist in", failure.Message);
    }

    [Fact]
    public async Task A_fixed_commit_of_a_server_that_gives_out_branches_only_is_fetched_with_everything()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        repository.Commit("Second", ("a", "2"));
        GitRepository.GitIn(repository.Bare, "config", "uploadpack.allowAnySHA1InWant", "false");
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        server.SpeaksOldProtocol = true; // the newer one lets every commit be asked for
        var source = new Source(server.UrlOf(repository), new RevisionSelector.Commit(CommitId.Parse(first)));

        var revision = await host.FetchAsync(source);

        Assert.Equal("First", revision.Subject);
        Assert.Equal(2, host.Processes.Commands.Count(command => command == "fetch"));
    }

    [Fact]
    public async Task A_rewritten_branch_is_followed_and_known_not_to_descend()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        var second = repository.Commit("Second", ("a", "2"));
        var source = Host.MainOf(repository.Bare);
        await host.FetchAsync(source);

        repository.ResetTo(first);
        repository.CommitLocally("Other second", ("a", "3"));
        repository.ForcePush();
        var revision = await host.FetchAsync(source);

        Assert.Equal("Other second", revision.Subject);
        Assert.False(await host.Reader.IsDescendantAsync(source, CommitId.Parse(second), revision.Commit, Host.Cancellation));
        Assert.True(await host.Reader.IsDescendantAsync(source, CommitId.Parse(first), revision.Commit, Host.Cancellation));
        Assert.False(await host.Reader.IsDescendantAsync(source, CommitId.Parse(new string('b', 40)), revision.Commit, Host.Cancellation));

        repository.Commit("Third", ("a", "4"));
        var third = (await host.FetchAsync(source)).Commit;
        Assert.True(await host.Reader.IsDescendantAsync(source, CommitId.Parse(first), third, Host.Cancellation));
        var asked = host.Processes.Started.Count;
        Assert.True(await host.Reader.IsDescendantAsync(source, revision.Commit, third, Host.Cancellation));
        Assert.Equal(asked, host.Processes.Started.Count); // its parent was told with it
    }

    [Fact]
    public async Task A_branch_that_moved_on_between_question_and_fetch_is_still_fetched_as_asked()
    {
        var repository = host.Repository();
        var first = repository.Commit("First", ("a", "1"));
        repository.Commit("Second", ("a", "2"));
        var source = Host.MainOf(repository.Bare);
        var head = await host.Reader.ReadHeadAsync(source, Host.Cancellation);
        repository.ResetTo(first);
        repository.CommitLocally("Other", ("a", "3"));
        repository.ForcePush();

        Assert.Equal("Second", (await host.Reader.FetchAsync(source, head, Host.Cancellation)).Subject);
    }

    [Fact]
    public async Task A_branch_that_becomes_a_folder_of_branches_is_fetched()
    {
        var repository = host.Repository();
        repository.Commit("First", ("a", "1"));
        repository.Branch("release");
        await host.FetchAsync(Host.MainOf(repository.Bare));

        repository.Switch("main");
        repository.DeleteBranch("release");
        repository.Git("branch", "-D", "release");
        repository.Branch("release/1");
        repository.Commit("On the new one", ("a", "2"));

        Assert.Equal("On the new one", (await host.FetchAsync(new Source(repository.Bare, new RevisionSelector.Branch("release/1")))).Subject);
    }

    [Fact]
    public async Task A_repository_with_sha256_ids_is_read_and_deployed()
    {
        var repository = host.Repository("modern", objectFormat: "sha256");
        repository.Commit("First", ("a", "1"));

        await host.DeployAsync(Host.Shop(repository.Bare));

        Assert.Equal(repository.Head, (await host.WorkTree.ReadCommitAsync(Host.Shop(repository.Bare), Host.Cancellation))!.Value);
    }

    [Fact]
    public async Task Two_stacks_may_fetch_one_repository_at_the_same_time()
    {
        var repository = host.Repository();
        repository.Commit("First", [.. Enumerable.Range(0, 200).Select(number => ($"file{number}", $"{number}"))]);
        repository.Branch("stage");
        repository.Commit("Stage", ("stage", "1"));
        Source[] sources = [Host.MainOf(repository.Bare), new(repository.Bare + "/", new RevisionSelector.Branch("stage")), new($"file://{repository.Bare}", new RevisionSelector.Branch("main"))];

        var revisions = await Task.WhenAll(sources.SelectMany(source => Enumerable.Repeat(source, 3)).Select(host.FetchAsync));

        Assert.Equal(["First", "Stage"], revisions.Select(revision => revision.Subject).Distinct().Order());
        Assert.NotEmpty(host.OnlyMirror); // three spellings of one address
    }

    private async Task<FailureException> RejectedAsync(Source source)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => host.Reader.ReadHeadAsync(source, Host.Cancellation));
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        return failure;
    }
}
