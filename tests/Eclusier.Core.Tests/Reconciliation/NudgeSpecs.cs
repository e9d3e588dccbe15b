using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>A look because somebody said that something was pushed.</summary>
public sealed class NudgeSpecs : IDisposable
{
    private static readonly Stack Following = Some.Stack with { Images = new ImagePolicy { Follow = ["web"], Interval = TimeSpan.FromMinutes(5) } };

    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void It_finds_a_tag_that_moved_before_its_interval_is_over()
    {
        host.Push("latest");
        host.Poll(Following);
        host.Registry.Push("registry.test/web:latest", "web v2");

        Assert.IsType<Outcome.UpToDate>(host.Poll(Following));
        Assert.IsType<Outcome.Committed>(host.Nudge(Following));

        Assert.Equal(Cause.ImageMoved, host.Last.Cause);
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void It_deploys_what_the_source_says_with_a_polls_reasons_and_nothing_else()
    {
        host.Push("v1");
        host.Poll();
        Assert.IsType<Outcome.UpToDate>(host.Nudge());
        Assert.Single(host.History);

        host.Push("v2", ImageBehaviour.AnswersBadly);
        Assert.IsType<Outcome.RolledBack>(host.Nudge());
        Assert.Equal(Cause.Commit, host.Last.Cause);

        for (var more = 0; more < 10; more++)
        {
            Assert.IsType<Outcome.UpToDate>(host.Nudge()); // the quarantine holds
        }

        Assert.Equal(2, host.History.Count);
    }

    [Fact]
    public void It_does_not_lift_a_suspension()
    {
        host.Push("v1");
        host.Journal.Suspend(Some.Shop, "inventory", host.Clock.GetUtcNow());
        Assert.IsType<Outcome.Blocked>(host.Nudge());
        Assert.Empty(host.History);
    }
}
