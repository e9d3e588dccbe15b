using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>CI pushes the image minutes after the commit.</summary>
public sealed class WaitingForImagesSpecs : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeHost host = new();

    public WaitingForImagesSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")), "to v2");
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void An_image_that_is_not_there_yet_is_waited_for_with_a_deadline()
    {
        var now = host.Clock.GetUtcNow();

        var outcome = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal("the registry registry.test does not have registry.test/web:v2 yet", outcome.Message);
        Assert.Equal((now, now + TimeSpan.FromMinutes(15)), (outcome.Since, outcome.Until));
        Assert.Equal((FailureKind.Waiting, now + TimeSpan.FromMinutes(15)), (host.State.Trouble!.Kind, host.State.Trouble.Until));
        Assert.Empty(host.Calls.Touches);
        Assert.True(host.Runs("web v1"));
        Assert.True(host.Last.IsOpen);
    }

    [Fact]
    public void The_deadline_stays_while_it_is_waited()
    {
        var first = Assert.IsType<Outcome.Waiting>(host.Poll());
        host.Clock.Pass(5 * Minute);

        var second = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal((first.Since, first.Until), (second.Since, second.Until));
    }

    [Fact]
    public void Waiting_is_one_deployment_and_its_steps_do_not_pile_up()
    {
        for (var pass = 0; pass < 10; pass++)
        {
            host.Poll();
            host.Clock.Pass(Minute);
        }

        Assert.Equal(2, host.History.Count);
        Assert.Equal([Step.Fetch, Step.Render, Step.Lock], host.Last.Steps.Select(step => step.Step));
        Assert.Equal(10, host.State.Trouble!.Attempts);
    }

    [Fact]
    public void An_image_that_comes_in_time_is_deployed()
    {
        host.Poll();
        host.Clock.Pass(5 * Minute);
        host.Registry.Push("registry.test/web:v2", "web v2");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v2"));
        Assert.Null(host.State.Trouble);
        Assert.Equal(2, host.History.Count);
    }

    [Fact]
    public void An_image_that_comes_in_the_last_moment_is_deployed()
    {
        host.Poll();
        host.Clock.Pass(20 * Minute);
        host.Registry.Push("registry.test/web:v2", "web v2");

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void At_the_deadline_the_wait_is_over_and_said_so()
    {
        host.Poll();
        host.Clock.Pass(15 * Minute);

        var outcome = Assert.IsType<Outcome.Expired>(host.Poll());

        Assert.EndsWith("waited 15 min for it (`images.wait`), nothing was touched", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(DeploymentResult.Expired, host.Last.Result);
        Assert.Empty(host.Calls.Touches);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_second_before_the_deadline_it_still_waits()
    {
        host.Poll();
        host.Clock.Pass((15 * Minute) - TimeSpan.FromSeconds(1));

        Assert.IsType<Outcome.Waiting>(host.Poll());
    }

    [Fact]
    public void After_the_deadline_polls_leave_it_alone_and_a_person_can_ask_again()
    {
        host.Poll();
        host.Clock.Pass(15 * Minute);
        host.Poll();

        Assert.IsType<Outcome.UpToDate>(host.Poll());

        host.Registry.Push("registry.test/web:v2", "web v2");
        Assert.IsType<Outcome.Committed>(host.Deploy());
    }

    [Fact]
    public void A_newer_commit_takes_its_place_with_a_deadline_of_its_own()
    {
        host.Poll();
        host.Clock.Pass(10 * Minute);
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v3")), "to v3");

        var outcome = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal(host.Clock.GetUtcNow() + TimeSpan.FromMinutes(15), outcome.Until);
        Assert.Equal(DeploymentResult.Superseded, host.History[1].Result);
        host.Clock.Pass(10 * Minute);
        Assert.Equal(outcome.Until, Assert.IsType<Outcome.Waiting>(host.Poll()).Until);
    }

    [Fact]
    public void The_time_in_which_the_registry_was_down_does_not_count()
    {
        host.Registry.Trouble = FakeRegistry.Down;
        host.Poll();
        host.Clock.Pass(60 * Minute);
        host.Registry.Trouble = null;

        var outcome = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal(host.Clock.GetUtcNow() + TimeSpan.FromMinutes(15), outcome.Until);
    }

    [Fact]
    public void Never_is_another_tag_taken()
    {
        host.Registry.Push("registry.test/web:latest", "web latest");
        for (var pass = 0; pass < 30; pass++)
        {
            host.Poll();
            host.Clock.Pass(Minute);
        }

        Assert.All(host.Registry.Questions, question => Assert.DoesNotContain("latest", question, StringComparison.Ordinal));
        Assert.Empty(host.Calls.Of("pull"));
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void Suspending_ends_the_wait_and_resuming_begins_it_anew()
    {
        host.Poll();
        host.Journal.Suspend(Some.Shop, "holidays", host.Clock.GetUtcNow());
        Assert.IsType<Outcome.Blocked>(host.Poll());
        Assert.Null(host.Journal.FindOpen(Some.Shop));
        host.Clock.Pass(TimeSpan.FromDays(14));
        host.Journal.Resume(Some.Shop);

        var outcome = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal(host.Clock.GetUtcNow() + TimeSpan.FromMinutes(15), outcome.Until);
    }

    [Fact]
    public void The_wait_can_be_configured()
    {
        var stack = Some.Stack with { Images = new ImagePolicy { Wait = TimeSpan.FromMinutes(2) } };
        host.Poll(stack);
        host.Clock.Pass(2 * Minute);

        Assert.IsType<Outcome.Expired>(host.Poll(stack));
    }

    [Fact]
    public void An_image_that_vanished_between_lock_and_pull_is_waited_for_too()
    {
        var digest = host.Registry.Push("registry.test/web:v2", "web v2");
        host.Registry.RemoveImage(digest);

        Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.Equal(Step.Stage, host.Last.LastStep!.Step);
    }
}
