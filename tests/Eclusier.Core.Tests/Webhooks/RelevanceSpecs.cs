using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;
using Eclusier.Core.Webhooks;

namespace Eclusier.Core.Tests.Webhooks;

public sealed class RelevanceSpecs
{
    private static readonly StackState Settled = new(Some.Shop) { FollowedDigests = "web ghcr.io/ada/shop:latest sha256:1\ncache redis:7 sha256:2" };

    [Theory]
    [InlineData("refs/heads/main", true)]
    [InlineData("refs/heads/next", false)]
    [InlineData("refs/tags/main", false)]
    [InlineData("main", false)]
    [InlineData(null, true)]
    public void A_push_concerns_who_follows_its_branch(string? name, bool expected) => Assert.Equal(expected, Concerns(Push(name), StackOf(new RevisionSelector.Branch("main"))));

    [Theory]
    [InlineData("refs/heads/main", false)]
    [InlineData("refs/tags/v1.2.0", true)]
    [InlineData(null, true)]
    public void A_pushed_tag_concerns_who_follows_tags(string? name, bool expected) => Assert.Equal(expected, Concerns(Push(name), StackOf(new RevisionSelector.Tag("v*"))));

    [Fact]
    public void No_push_concerns_who_stays_at_a_commit() => Assert.False(Concerns(Push(null), StackOf(new RevisionSelector.Commit(CommitId.Parse(new string('a', 40))))));

    [Theory]
    [InlineData("https://github.com/ada/shop.git", "ada/shop", true)]
    [InlineData("https://github.com/Ada/Shop", "https://github.com/ada/shop.git", true)]
    [InlineData("git@github.com:ada/shop.git", "git@alias.example.org:ada/shop.git", true)]
    [InlineData("https://github.com/ada/shop.git", "ada/blog", false)]
    [InlineData("https://github.com/ada/shop.git", "eve/shop", false)]
    [InlineData("https://github.com/ada/shop.git", null, true)]
    [InlineData("/srv/git/shop.git", "ada/blog", true)] // no forge: it may be anything
    public void A_shared_address_serves_those_of_the_repository(string repository, string? named, bool expected)
    {
        var stack = StackOf(new RevisionSelector.Branch("main"), repository);
        var claim = Push("refs/heads/main") with { Repositories = named is null ? [] : [named] };

        Assert.Equal(expected, Concerns(claim, stack, isShared: true));
        Assert.True(Concerns(claim, stack, isShared: false));
    }

    [Theory]
    [InlineData("ghcr.io/ada/shop:v7", true)]
    [InlineData("ada/shop", true)]
    [InlineData("mirror.example.org/library/redis:6", true)]
    [InlineData("ghcr.io/ada/blog:latest", false)]
    [InlineData("Not an image", true)]
    [InlineData(null, true)]
    public void A_pushed_image_concerns_who_runs_one_of_its_repository(string? image, bool expected) => Assert.Equal(expected, Concerns(Image(image), Some.Stack));

    [Fact]
    public void A_pushed_image_concerns_who_waits_for_one_or_never_had_any()
    {
        var waiting = Settled with { Trouble = new Trouble(FailureKind.Waiting, "not there yet", DateTimeOffset.UnixEpoch) };
        Assert.True(Relevance.Concerns(Image("ghcr.io/ada/blog"), Some.Stack, waiting, isShared: true));
        Assert.True(Relevance.Concerns(Image("ghcr.io/ada/blog"), Some.Stack, new StackState(Some.Shop), isShared: true));
    }

    [Fact]
    public void What_is_not_understood_concerns_everybody_and_the_rest_nobody()
    {
        Assert.True(Concerns(new Claim(ClaimKind.Unknown), Some.Stack));
        Assert.False(Concerns(new Claim(ClaimKind.Other), Some.Stack));
    }

    private static Claim Push(string? name) => new(ClaimKind.Push) { Refs = name is null ? [] : [name] };

    private static Claim Image(string? name) => new(ClaimKind.Image) { Images = name is null ? [] : [name] };

    private static Stack StackOf(RevisionSelector selector, string repository = "https://github.com/ada/shop.git") => new(Some.Shop, new Source(repository, selector));

    private static bool Concerns(Claim claim, Stack stack, bool isShared = false) => Relevance.Concerns(claim, stack, Settled, isShared);
}
