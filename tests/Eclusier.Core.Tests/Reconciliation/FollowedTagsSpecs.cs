using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class FollowedTagsSpecs : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private static readonly Stack Following = Some.Stack with { Images = new ImagePolicy { Follow = ["web"], Interval = Interval } };

    private readonly FakeHost host = new();

    public FollowedTagsSpecs()
    {
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Registry.Push("registry.test/cache:latest", "cache v1");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest"), ("cache", "registry.test/cache:latest")));
        host.Poll(Following);
        host.Registry.Questions.Clear();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_tag_that_moves_is_deployed_without_a_commit()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.Committed>(host.Poll(Following));

        Assert.Equal(Cause.ImageMoved, host.Last.Cause);
        Assert.True(host.Runs("web v2"));
        Assert.Equal(["compose: stop shop-web-1"], host.Calls.Of("compose: stop"));
    }

    [Fact]
    public void A_tag_that_moves_to_a_bad_image_is_rolled_back_and_not_tried_again()
    {
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.AnswersBadly);
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.RolledBack>(host.Poll(Following));

        Assert.True(host.Runs("web v1"));
        for (var poll = 0; poll < 20; poll++)
        {
            host.Clock.Pass(Interval);
            Assert.IsType<Outcome.UpToDate>(host.Poll(Following));
        }

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void When_the_tag_moves_again_it_is_tried()
    {
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.AnswersBadly);
        host.Clock.Pass(Interval);
        host.Poll(Following);
        host.Registry.Push("registry.test/web:latest", "web v3");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.Committed>(host.Poll(Following));

        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void A_bad_image_that_comes_back_under_the_tag_stays_blocked()
    {
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.AnswersBadly);
        host.Clock.Pass(Interval);
        host.Poll(Following);
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Clock.Pass(Interval);
        Assert.IsType<Outcome.UpToDate>(host.Poll(Following));
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.AnswersBadly);
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.Blocked>(host.Poll(Following));

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void Tags_are_looked_up_once_per_interval_and_only_the_followed_ones()
    {
        host.Clock.Pass(Interval);
        host.Poll(Following);
        host.Poll(Following);
        host.Clock.Pass(Interval - TimeSpan.FromSeconds(1));
        host.Poll(Following);

        Assert.Equal(["registry.test/web:latest"], host.Registry.Questions);
    }

    [Fact]
    public void Stacks_that_follow_the_same_image_ask_once_between_them()
    {
        var blog = Following with { Name = StackName.Parse("blog"), Project = "blog" };
        host.Poll(blog);
        host.Registry.Questions.Clear();

        for (var round = 0; round < 5; round++)
        {
            host.Clock.Pass(Interval);
            host.Poll(Following);
            host.Clock.Pass(TimeSpan.FromSeconds(30));
            host.Poll(blog);
        }

        Assert.InRange(host.Registry.Questions.Count, 5, 6);

        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Clock.Pass(Interval);
        Assert.IsType<Outcome.Committed>(host.Poll(Following));
        host.Clock.Pass(TimeSpan.FromSeconds(30));
        Assert.IsType<Outcome.Committed>(host.Poll(blog));
    }

    [Fact]
    public void A_tag_that_is_not_followed_may_move()
    {
        host.Registry.Push("registry.test/cache:latest", "cache v2");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.UpToDate>(host.Poll(Following));

        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void All_tags_can_be_followed()
    {
        var all = Some.Stack with { Images = new ImagePolicy { FollowsAll = true, Interval = Interval } };
        host.Registry.Push("registry.test/cache:latest", "cache v2");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.Committed>(host.Poll(all));

        Assert.True(host.Runs("cache v2", "cache"));
    }

    [Fact]
    public void A_tag_that_is_gone_is_told_and_changes_nothing()
    {
        host.Registry.RemoveTag("registry.test/web:latest");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.UpToDate>(host.Poll(Following));

        Assert.Contains("Warning: shop: registry.test/web:latest is no longer in its registry", host.Log);
    }

    [Fact]
    public void Beginning_to_follow_deploys_nothing_by_itself()
    {
        var quiet = Some.Stack;
        using var other = new FakeHost();
        other.Registry.Push("registry.test/web:latest", "web v1");
        other.Repository.Commit(Some.Model(("web", "registry.test/web:latest")));
        other.Poll(quiet);
        other.Calls.Clear();

        Assert.IsType<Outcome.UpToDate>(other.Poll(Following));

        Assert.Empty(other.Calls.Touches);
    }
}
