using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class RollbackSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public RollbackSpecs()
    {
        foreach (var tag in new[] { "v1", "v2", "v3" })
        {
            host.Push(tag);
            host.Poll();
            host.Clock.Pass(TimeSpan.FromHours(1));
        }

        host.Push("v4", ImageBehaviour.AnswersBadly);
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_last_known_good_release_is_tried_twice()
    {
        UpFails(times: 1);

        Assert.Equal(3, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);

        Assert.Equal(["up #4", "up #3", "up #3"], host.Calls.Of("up"));
        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void Then_the_release_before_it_is_tried_and_becomes_last_known_good()
    {
        UpFails(times: 2);

        Assert.Equal(2, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);

        Assert.Equal(["up #4", "up #3", "up #3", "up #2"], host.Calls.Of("up"));
        Assert.True(host.Runs("web v2"));
        Assert.Equal((2, 2), (host.State.LastKnownGood, host.State.Applied));
    }

    [Fact]
    public void When_that_fails_too_it_is_said_loudly_with_both_reasons()
    {
        UpFails(times: 3);

        var outcome = Assert.IsType<Outcome.RollbackFailed>(host.Poll());

        Assert.Equal(4, outcome.Release);
        Assert.Contains("HTTP 500", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is on fire", outcome.RollbackFailure.Message, StringComparison.Ordinal);
        Assert.Equal(DeploymentResult.RollbackFailed, host.Last.Result);
        Assert.Contains(host.Log, line => line.StartsWith("Critical: shop: Release #4 failed and could not be rolled back", StringComparison.Ordinal));
        Assert.Equal(3, host.State.LastKnownGood);
        Assert.True(host.Journal.FindRelease(Some.Shop, 4)!.IsQuarantined);
    }

    [Fact]
    public void A_stalled_stack_is_tried_again_slowly_until_the_last_known_good_release_runs()
    {
        UpFails(times: 4);
        Assert.IsType<Outcome.RollbackFailed>(host.Poll());

        Assert.IsType<Outcome.UpToDate>(host.Poll()); // too early
        host.Clock.Pass(StalledStack.Pace);
        Assert.IsType<Outcome.Failed>(host.Poll());
        Assert.False(host.Journal.FindRelease(Some.Shop, 3)!.IsQuarantined);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        host.Clock.Pass(StalledStack.Pace);
        Assert.Equal(3, Assert.IsType<Outcome.Committed>(host.Poll()).Release);

        Assert.True(host.Runs("web v3"));
        host.Clock.Pass(StalledStack.Pace);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void A_newer_commit_ends_the_stall_at_once()
    {
        UpFails(times: 3);
        Assert.IsType<Outcome.RollbackFailed>(host.Poll());

        host.Push("v5");

        Assert.Equal(5, Assert.IsType<Outcome.Committed>(host.Poll()).Release);
    }

    [Fact]
    public void An_engine_that_is_away_uses_up_no_tries()
    {
        host.Calls.Before("journal: begin roll-back", () =>
        {
            host.Engine.IsAway = true;
            host.Clock.In(TimeSpan.FromMinutes(10), () => host.Engine.IsAway = false);
        });

        Assert.Equal(3, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);

        Assert.Equal(["up #4", "up #3"], host.Calls.Of("up"));
    }

    [Fact]
    public void An_unchanged_container_that_the_failed_release_made_restart_is_not_held_against_the_way_back()
    {
        using var other = new FakeHost();
        other.Registry.Push("registry.test/api:1", "api");
        PushDatabase(other, "db good", ImageBehaviour.Fine);
        Assert.IsType<Outcome.Committed>(other.Poll());
        PushDatabase(other, "db bad", ImageBehaviour.AnswersBadly);
        other.Clock.In(TimeSpan.FromSeconds(5), () => other.Engine.Of("shop", "api").Single().FurtherRestarts = 7);

        Assert.IsType<Outcome.RolledBack>(other.Poll());

        Assert.Contains("container shop-api-1 was restarted 7 times", other.Last.Reason, StringComparison.Ordinal);
        Assert.Equal(["up #1", "up #2", "up #1"], other.Calls.Of("up"));
    }

    [Fact]
    public void A_target_that_crashes_after_its_first_second_is_not_reported_as_running()
    {
        var image = host.Engine.Images.Single(image => image.References.Contains("eclusier/shop/web:3"));
        var index = host.Engine.Images.IndexOf(image);
        host.Engine.Images[index] = new LocalImage(image.Id, ImageBehaviour.Crashes);
        host.Engine.Images[index].References.UnionWith(image.References);

        Assert.Equal(2, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);
    }

    [Fact]
    public void A_target_whose_image_is_gone_for_now_gives_way_to_the_one_before()
    {
        host.Clock.In(TimeSpan.FromSeconds(50), () =>
        {
            host.Engine.Images.RemoveAll(image => image.References.Contains("eclusier/shop/web:3"));
            host.Registry.Trouble = FakeRegistry.Down;
        });

        Assert.Equal(2, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);

        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void Stopping_the_agent_does_not_cut_it_short()
    {
        using var stopping = new CancellationTokenSource();
        host.Compose.UpTakes = TimeSpan.FromSeconds(30);
        host.Clock.In(TimeSpan.FromSeconds(140), stopping.Cancel); // 30 s up, 100 s gate: the way back has begun

        Assert.IsType<Outcome.RolledBack>(host.Reconcile(Core.Reconciliation.Trigger.Poll, stopping: stopping.Token));

        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void Suspending_does_not_hold_it_back()
    {
        host.Clock.In(TimeSpan.FromSeconds(50), () => host.Journal.Suspend(Some.Shop, "holidays", host.Clock.GetUtcNow()));

        Assert.IsType<Outcome.RolledBack>(host.Poll());
    }

    private static void PushDatabase(FakeHost host, string content, ImageBehaviour behaviour)
    {
        host.Registry.Push("registry.test/db:latest", content, behaviour);
        host.Repository.Commit(Some.Model(("api", "registry.test/api:1"), ("db", "registry.test/db:latest")).With("db", "command", JsonValue.Create(content)));
    }

    private void UpFails(int times) => host.Calls.Before("journal: begin roll-back", () =>
    {
        for (; times > 0; times--)
        {
            host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "the disk is on fire")));
        }
    });
}
