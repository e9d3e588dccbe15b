using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Sharing;

public sealed class SharedHeadsSpecs
{
    private readonly FakeClock clock = new();
    private readonly FakeRepository repository;
    private readonly SharedHeads heads;

    public SharedHeadsSpecs()
    {
        repository = new FakeRepository(new CallLog(), clock);
        heads = new SharedHeads(repository, new(clock));
        repository.Commit(Some.Model(("web", "web v1")));
        repository.Commit(Some.Model(("web", "web v2")), branch: "stage");
    }

    [Fact]
    public async Task Stacks_that_follow_other_branches_of_one_repository_share_the_question()
    {
        var (one, two) = (StackOf("one", "main"), StackOf("two", "stage"));
        await ReadAsync(one);
        await ReadAsync(two); // nobody asked for its branch so far
        Assert.Equal(2, repository.Questions);

        for (var round = 0; round < 3; round++)
        {
            clock.Pass(one.Interval);
            Assert.Equal(repository.Heads["main"].Id, (await ReadAsync(one)).Commit);
            Assert.Equal(repository.Heads["stage"].Id, (await ReadAsync(two)).Commit);
        }

        Assert.Equal(5, repository.Questions);
    }

    [Fact]
    public async Task A_branch_that_does_not_exist_is_the_matter_of_its_stack_alone()
    {
        var (one, two) = (StackOf("one", "main"), StackOf("two", "gone"));
        await ReadAsync(one);
        Assert.Equal(FailureKind.Rejected, (await Assert.ThrowsAsync<FailureException>(() => ReadAsync(two))).Kind);
        clock.Pass(one.Interval);

        Assert.Equal(repository.Heads["main"].Id, (await ReadAsync(one)).Commit);
        Assert.Contains("gone", (await Assert.ThrowsAsync<FailureException>(() => ReadAsync(two))).Message);
        Assert.Equal(3, repository.Questions);
    }

    [Fact]
    public async Task A_fixed_commit_needs_no_server()
    {
        repository.Trouble = new FailureException(new Failure(FailureKind.Transient, "the server is away"));
        var commit = Some.Commit("fixed");

        Assert.Equal(commit, (await ReadAsync(Some.Stack with { Source = Some.Source with { Selector = new RevisionSelector.Commit(commit) } })).Commit);
    }

    private static Stack StackOf(string name, string branch) =>
        new(StackName.Parse(name), Some.Source with { Selector = new RevisionSelector.Branch(branch) });

    private Task<Head> ReadAsync(Stack stack) => heads.ReadAsync(stack, isFresh: false, CancellationToken.None);
}
