using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class ManualRollbackSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public ManualRollbackSpecs()
    {
        foreach (var tag in new[] { "v1", "v2", "v3" })
        {
            host.Push(tag);
            host.Poll();
            host.Clock.Pass(TimeSpan.FromHours(1));
        }

        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void It_goes_back_to_the_release_before()
    {
        Assert.Equal(2, Assert.IsType<Outcome.Committed>(host.GoBack()).Release);

        Assert.True(host.Runs("web v2"));
        Assert.Equal((2, 2), (host.State.LastKnownGood, host.State.Applied));
        Assert.Equal((Cause.ManualRollback, "rollback", 3, 2), (host.Last.Cause, host.Last.CauseDetail, host.Last.Previous, host.Last.Release));
    }

    [Fact]
    public void It_stays_there_until_a_newer_commit()
    {
        host.GoBack();
        for (var poll = 0; poll < 5; poll++)
        {
            Assert.IsType<Outcome.UpToDate>(host.Poll());
        }

        Assert.True(host.Runs("web v2"));
        host.Push("v4");
        Assert.IsType<Outcome.Committed>(host.Poll());
        Assert.True(host.Runs("web v4"));
    }

    [Fact]
    public void It_stays_there_after_a_restart_too()
    {
        host.GoBack();
        host.Restart();
        host.Recover();

        Assert.IsType<Outcome.UpToDate>(host.Poll());

        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void A_second_one_goes_further_back_and_not_to_what_was_left_first()
    {
        host.GoBack();

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.GoBack()).Release);

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void At_the_first_release_there_is_nothing_earlier()
    {
        host.GoBack(to: 1);

        var refusal = Assert.Throws<FailureException>(() => host.GoBack());

        Assert.Equal(FailureKind.Rejected, refusal.Kind);
        Assert.StartsWith("shop has no earlier committed release to go back to", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_given_release_is_gone_to_forward_as_well()
    {
        host.GoBack(to: 1);

        Assert.Equal(3, Assert.IsType<Outcome.Committed>(host.GoBack(to: 3)).Release);

        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void A_release_that_does_not_exist_is_refused()
    {
        Assert.Equal("shop has no release #7", Assert.Throws<FailureException>(() => host.GoBack(to: 7)).Message);
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void A_release_that_was_never_committed_is_refused()
    {
        host.Push("v4", ImageBehaviour.AnswersBadly);
        host.Poll();
        host.Calls.Clear();

        Assert.StartsWith("release #4 was never committed", Assert.Throws<FailureException>(() => host.GoBack(to: 4)).Message, StringComparison.Ordinal);
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void A_release_that_is_no_longer_kept_is_refused()
    {
        var stack = Some.Stack with { Retain = 2 };
        host.Push("v4");
        host.Poll(stack);

        Assert.Equal("release #1 is no longer kept (`retain: 2`)", Assert.Throws<FailureException>(() => host.GoBack(to: 1, stack)).Message);
    }

    [Fact]
    public void A_suspended_stack_can_be_rolled_back()
    {
        host.Journal.Suspend(Some.Shop, "holidays", host.Clock.GetUtcNow());

        Assert.IsType<Outcome.Committed>(host.GoBack());
    }

    [Fact]
    public void It_needs_no_network_and_no_registry()
    {
        host.Repository.Trouble = FailureException.Transient("no route to host");
        host.Registry.Trouble = FakeRegistry.Down;
        host.Engine.Prune();

        Assert.IsType<Outcome.Committed>(host.GoBack());
    }

    [Fact]
    public void An_image_that_somebody_removed_is_pulled_again_by_its_digest()
    {
        host.Engine.PruneAll();

        Assert.IsType<Outcome.Committed>(host.GoBack());

        Assert.Equal([$"pull registry.test/web@{Some.Digest("web v2")[..13]}"], host.Calls.Of("pull"));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void An_image_that_is_pulled_again_is_pulled_for_the_platform_it_was_for()
    {
        foreach (var command in new[] { "one", "two" })
        {
            host.Registry.Push("registry.test/web:arm", $"arm {command}");
            host.Repository.Commit(Some.Model(("web", "registry.test/web:arm")).With("web", "platform", "linux/arm64"));
            host.Poll();
        }

        host.Engine.PruneAll();

        Assert.IsType<Outcome.Committed>(host.GoBack());

        Assert.All(host.Calls.Of("pull"), pull => Assert.EndsWith(" for linux/arm64", pull, StringComparison.Ordinal));
        Assert.True(host.Runs("arm one"));
    }

    [Fact]
    public void When_its_image_cannot_be_brought_nothing_is_touched_and_nothing_is_left_open()
    {
        host.Engine.PruneAll();
        host.Registry.Trouble = FakeRegistry.Down;

        Assert.Equal(FailureKind.Transient, Assert.Throws<FailureException>(() => host.GoBack()).Kind);

        Assert.Empty(host.Calls.Touches);
        Assert.Equal(DeploymentResult.Interrupted, host.Last.Result);
        host.Registry.Trouble = null;
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void One_that_fails_leaves_an_earlier_one_in_force()
    {
        host.GoBack();
        host.Engine.IsAway = true;

        Assert.Throws<FailureException>(() => host.GoBack());

        host.Engine.IsAway = false;
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void One_that_fails_in_the_last_moment_does_not_swallow_a_commit_that_waited()
    {
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v4")));
        host.Poll();
        host.Calls.Before("journal: settle", () => host.Engine.IsAway = true);
        Assert.Throws<FailureException>(() => host.GoBack());
        host.Engine.IsAway = false;
        host.Registry.Push("registry.test/web:v4", "web v4");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v4"));
    }

    [Fact]
    public void A_release_that_no_longer_comes_up_is_left_again_and_not_put_in_quarantine()
    {
        host.Clock.In(TimeSpan.FromSeconds(1), () => host.Engine.Containers[0].Behaviour = ImageBehaviour.Crashes);

        var outcome = Assert.IsType<Outcome.RolledBack>(host.GoBack());

        Assert.Equal((2, 3), (outcome.Release, outcome.To));
        Assert.True(host.Runs("web v3"));
        Assert.False(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void It_takes_the_place_of_a_deployment_that_waits()
    {
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v4")));
        host.Poll();

        Assert.IsType<Outcome.Committed>(host.GoBack());

        Assert.Equal((DeploymentResult.Interrupted, "a manual rollback took its place"), (host.History[1].Result, host.History[1].Reason));
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void A_command_to_deploy_ends_it()
    {
        host.GoBack();

        Assert.IsType<Outcome.Committed>(host.Deploy());

        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void A_bad_commit_afterwards_goes_back_to_where_the_person_went()
    {
        host.GoBack();
        host.Push("v4", ImageBehaviour.AnswersBadly);

        Assert.Equal(2, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);
    }
}
