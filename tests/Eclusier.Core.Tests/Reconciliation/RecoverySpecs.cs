using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>The agent is killed, and another one starts.</summary>
public sealed class RecoverySpecs : IDisposable
{
    private readonly FakeHost host = new();

    public RecoverySpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void Without_an_open_deployment_there_is_nothing_to_do()
    {
        host.Restart();

        Assert.Null(host.Recover());
        Assert.Empty(host.Calls.All);
    }

    [Theory]
    [InlineData("journal: open")]
    [InlineData("fetch")]
    [InlineData("stage")]
    [InlineData("pull")]
    [InlineData("publish")]
    [InlineData("journal: record #2")]
    [InlineData("journal: settle")]
    [InlineData("journal: count start")]
    public void Before_anything_was_touched_it_is_closed_and_begun_again(string lastCall)
    {
        host.Push("v2");
        KillAfter(lastCall);

        Assert.Null(host.Recover());

        Assert.Equal(DeploymentResult.Interrupted, host.Last.Result);
        Assert.Empty(host.Calls.Touches);
        Assert.IsType<Outcome.Committed>(host.Poll());
        Assert.True(host.Runs("web v2"));
    }

    [Theory]
    [InlineData("journal: begin apply")]
    [InlineData("move")]
    [InlineData("up #2")]
    [InlineData("compose: stop")]
    [InlineData("compose: remove")]
    [InlineData("compose: start")]
    public void While_applying_the_same_release_is_applied_again(string lastCall)
    {
        host.Push("v2");
        KillAfter(lastCall);

        Assert.Equal(2, Assert.IsType<Outcome.Committed>(host.Recover()).Release);

        Assert.True(host.Runs("web v2"));
        Assert.Equal("shop-web-1", Assert.Single(host.Engine.Containers).Name);
        Assert.Equal(2, host.Last.Starts);
    }

    [Fact]
    public void Interrupted_twice_while_applying_it_is_rolled_back()
    {
        host.Push("v2");
        KillAfter("up #2");
        KillAfter("up #2", () => host.Recover());

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Recover());

        Assert.Equal((2, 1), (outcome.Release, outcome.To));
        Assert.Contains("the agent was interrupted 2 times while applying it", host.Last.Reason, StringComparison.Ordinal);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void In_the_health_gate_it_gets_a_fresh_deadline_without_being_applied_again()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(150)));
        KillIn(90);

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Equal(["up #2"], host.Calls.Of("up"));
        Assert.Equal(1, host.Last.Starts);
    }

    [Fact]
    public void In_the_health_gate_of_a_bad_release_it_is_rolled_back_all_the_same()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        KillIn(90);

        Assert.IsType<Outcome.RolledBack>(host.Recover());

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void In_the_health_gate_with_the_containers_gone_it_is_applied_again()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        KillIn(20);
        host.Engine.Containers.Clear();

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Equal(["up #2", "up #2"], host.Calls.Of("up"));
    }

    [Fact]
    public void In_the_soak_and_clean_so_far_it_soaks_again()
    {
        host.Push("v2");
        KillIn(12);
        var before = host.Clock.Elapsed;

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Equal(Some.Stack.Health.Soak, host.Clock.Elapsed - before);
        Assert.Equal(["up #2"], host.Calls.Of("up"));
    }

    [Fact]
    public void In_the_soak_with_an_exited_container_it_is_rolled_back()
    {
        host.Push("v2");
        KillIn(12);
        host.Engine.Containers[0].Stop();

        Assert.IsType<Outcome.RolledBack>(host.Recover());

        Assert.Contains("did not stay up while the agent was away", host.Last.Reason, StringComparison.Ordinal);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void In_the_soak_with_a_container_that_restarted_meanwhile_it_is_rolled_back()
    {
        host.Push("v2");
        KillIn(12);
        host.Clock.Pass(TimeSpan.FromSeconds(5));
        host.Engine.Containers[0].FurtherRestarts = 1;
        host.Engine.Containers[0].Start(host.Clock.GetUtcNow()); // and seems well

        Assert.IsType<Outcome.RolledBack>(host.Recover());
    }

    [Fact]
    public void In_the_soak_with_a_host_that_started_again_it_soaks_again()
    {
        host.Push("v2");
        KillIn(12);
        host.Clock.Pass(TimeSpan.FromSeconds(5));
        host.Engine.Reboot();

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Theory]
    [InlineData("journal: begin roll-back")]
    [InlineData("move")]
    [InlineData("up #1")]
    [InlineData("compose: stop")]
    [InlineData("compose: remove")]
    [InlineData("compose: start")]
    [InlineData("journal: end roll-back")]
    [InlineData("journal: begin verify")]
    [InlineData("journal: end verify")]
    public void A_rollback_is_finished_always(string lastCall)
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () => host.Calls.KillAfter(lastCall));
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Recover());

        Assert.Equal((2, 1), (outcome.Release, outcome.To));
        Assert.Contains("is not healthy after 100 s", host.Last.Reason, StringComparison.Ordinal);
        Assert.Single(host.Calls.Of("up #2"));
        Assert.True(host.Runs("web v1"));
        Assert.True(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void A_rollback_that_is_interrupted_again_and_again_is_finished_in_the_end()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () => host.Calls.KillAfter("up #1"));
        Assert.Throws<AgentKilledException>(() => host.Poll());
        for (var kill = 0; kill < 4; kill++)
        {
            host.Restart();
            host.Calls.KillAfter("up #1");
            Assert.Throws<AgentKilledException>(() => host.Recover());
        }

        host.Restart();

        Assert.IsType<Outcome.RolledBack>(host.Recover());
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_manual_rollback_that_was_interrupted_is_finished()
    {
        host.Push("v2");
        host.Poll();
        host.Clock.Pass(TimeSpan.FromMinutes(1));
        host.Calls.Before("journal: begin apply", () => host.Calls.KillAfter("compose: stop"));
        Assert.Throws<AgentKilledException>(() => host.GoBack());
        host.Restart();

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Recover()).Release);

        Assert.True(host.Runs("web v1"));
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void While_the_engine_is_away_nothing_is_decided()
    {
        host.Push("v2");
        KillAfter("compose: stop");
        host.Engine.IsAway = true;

        Assert.Equal(FailureKind.Transient, Assert.Throws<FailureException>(() => host.Recover()).Kind);

        Assert.True(host.Last.IsOpen);
        host.Engine.IsAway = false;
        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void After_the_whole_host_started_again_the_gate_goes_on()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        KillIn(20);
        host.Engine.Reboot();

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void A_replacement_that_Compose_left_under_a_temporary_name_is_swept_away()
    {
        host.Push("v2");
        KillAfter("compose: stop");
        Assert.Contains(host.Engine.Containers, container => container.Name.EndsWith("_shop-web-1", StringComparison.Ordinal));

        host.Recover();

        Assert.Equal("shop-web-1", Assert.Single(host.Engine.Containers).Name);
    }

    [Fact]
    public void A_folder_that_was_published_and_never_recorded_lends_its_number_to_nobody()
    {
        var second = host.Push("v2");
        KillAfter("publish");
        host.Recover();
        host.Push("v3");
        Assert.Equal(2, Assert.IsType<Outcome.Committed>(host.Poll()).Release);
        host.Repository.Heads["main"] = second;

        Assert.Equal(3, Assert.IsType<Outcome.Committed>(host.Poll()).Release);

        Assert.Equal([1, 2, 3], host.Releases.All.Select(release => release.Number).Order());
        Assert.Equal(3, host.Releases.Load(Some.Shop, host.Journal.FindRelease(Some.Shop, 3)!.Id).Number);
    }

    [Fact]
    public void Killed_at_any_instant_a_good_commit_is_deployed_in_the_end() => KillEverywhere(
        world => world.Push("v2"),
        world =>
        {
            Assert.True(world.Runs("web v2"));
            Assert.Equal((2, 2), (world.State.LastKnownGood, world.State.Applied));
        });

    [Fact]
    public void Killed_at_any_instant_a_bad_commit_is_rolled_back_in_the_end() => KillEverywhere(
        world => world.Push("v2", ImageBehaviour.AnswersBadly),
        world =>
        {
            Assert.True(world.Runs("web v1"));
            Assert.Equal((1, 1), (world.State.LastKnownGood, world.State.Applied));
            Assert.True(world.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
        });

    [Fact]
    public void Killed_at_any_instant_a_crashing_commit_is_rolled_back_in_the_end() => KillEverywhere(
        world => world.Push("v2", ImageBehaviour.Crashes),
        world => Assert.True(world.Runs("web v1")));

    [Fact]
    public void A_probe_that_was_broken_before_is_not_blamed_on_the_release_by_the_next_agent_either()
    {
        host.Probes.Failing[Some.Probe.Title] = "HTTP 503";
        host.Push("v2");
        KillIn(20);

        Assert.Contains("failed before the deployment already", Assert.IsType<Outcome.Committed>(host.Recover()).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_that_broke_with_the_release_is_blamed_on_it_by_the_next_agent_too()
    {
        host.Push("v2");
        host.Calls.Before("up #2", () => host.Probes.Failing[Some.Probe.Title] = "HTTP 503");
        KillIn(20);

        Assert.IsType<Outcome.RollbackFailed>(host.Recover()); // it is not excused on the way back either
    }

    [Fact]
    public void The_evidence_of_a_failure_survives_the_agent_that_saw_it()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () => host.Calls.KillAfter("up #1"));
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();

        host.Recover();

        Assert.Contains(host.Last.Evidence, evidence => evidence.Text.Contains("HTTP 500", StringComparison.Ordinal));
        Assert.Contains(host.Last.Evidence, evidence => evidence.Text.Contains("NullReferenceException", StringComparison.Ordinal));
    }

    [Fact]
    public void A_release_whose_folder_is_damaged_meanwhile_is_given_up()
    {
        host.Push("v2");
        KillAfter("up #2");
        host.Releases.Delete(Some.Shop, host.Journal.FindRelease(Some.Shop, 2)!.Id);

        Assert.Equal(1, Assert.IsType<Outcome.RolledBack>(host.Recover()).To);

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_manual_rollback_that_touched_nothing_leaves_an_earlier_one_in_force()
    {
        host.Push("v2");
        host.Poll();
        host.Clock.Pass(TimeSpan.FromMinutes(1));
        host.Push("v3");
        host.Poll();
        host.GoBack(1);
        KillAfter("journal: settle", () => host.GoBack(2));

        host.Recover();

        Assert.IsType<Outcome.UpToDate>(host.Poll()); // and not #3, from which a person has gone back
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_stack_that_is_stalled_is_tried_again_though_the_last_try_was_interrupted()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () => host.Probes.Failing[Some.Probe.Title] = "HTTP 503");
        Assert.IsType<Outcome.RollbackFailed>(host.Poll());
        host.Clock.Pass(TimeSpan.FromMinutes(10));
        KillAfter("journal: open");
        host.Recover();
        host.Probes.Failing.Clear();

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll()).Release);
    }

    [Fact]
    public void Killed_at_any_instant_a_running_project_is_taken_over_and_the_bad_commit_rolled_back_to_it()
    {
        var wasKilled = true;
        for (var instant = 0; wasKilled; instant++)
        {
            using var world = new FakeHost();
            world.Registry.Push("registry.test/web:v0", "web v0");
            world.Compose.UpByHand("shop", Some.Model(("web", "registry.test/web:v0")), world.Registry);
            world.Push("v1", ImageBehaviour.AnswersBadly);
            world.Calls.KillAtInstant(instant);
            wasKilled = IsKilledBy(() => world.Poll());
            world.Restart();
            world.Recover();
            world.Poll();

            Assert.True(world.Runs("web v0"), $"killed at {instant}");
            Assert.Equal(0, world.State.LastKnownGood);
            Assert.True(world.Journal.FindRelease(Some.Shop, 1)!.IsQuarantined);
            Assert.Null(world.Journal.FindOpen(Some.Shop));
            Assert.True(instant < 500);
        }
    }

    /// <summary>A kill before and after every side effect, each in a world of its own.</summary>
    private static void KillEverywhere(Func<FakeHost, FakeCommit> push, Action<FakeHost> check)
    {
        var wasKilled = true;
        for (var instant = 0; wasKilled; instant++)
        {
            using var world = new FakeHost();
            world.Push("v1");
            Assert.IsType<Outcome.Committed>(world.Poll());
            push(world);
            world.Calls.KillAtInstant(instant);
            wasKilled = IsKilledBy(() => world.Poll());
            world.Restart();
            world.Recover();
            world.Poll();

            check(world);
            Assert.Null(world.Journal.FindOpen(Some.Shop));
            Assert.Equal("shop-web-1", Assert.Single(world.Engine.Containers).Name);
            world.Calls.Clear();
            Assert.IsType<Outcome.UpToDate>(world.Poll());
            Assert.Empty(world.Calls.Touches);
            Assert.True(instant < 500);
        }
    }

    private static bool IsKilledBy(Action work)
    {
        try
        {
            work();
            return false;
        }
        catch (AgentKilledException)
        {
            return true;
        }
    }

    private void KillAfter(string call, Action? work = null)
    {
        host.Calls.KillAfter(call);
        Assert.Throws<AgentKilledException>(work ?? (() => host.Poll()));
        host.Restart();
    }

    private void KillIn(int seconds)
    {
        host.Clock.In(TimeSpan.FromSeconds(seconds), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();
    }
}
