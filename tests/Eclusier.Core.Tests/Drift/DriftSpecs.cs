using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Drift;

public sealed class DriftSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public DriftSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    private FakeContainer Web => host.Engine.Of("shop", "web").Single();

    [Fact]
    public void A_host_at_its_release_is_left_alone()
    {
        Assert.Null(host.LookForDrift().Outcome);

        Assert.Single(host.History);
        Assert.Null(host.State.Drift);
    }

    [Fact]
    public void A_removed_container_is_made_again_through_the_gate_and_recorded()
    {
        host.Engine.Containers.Clear();

        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);

        Assert.Equal((Cause.Drift, DeploymentResult.Committed, "service web has 0 of 1 containers"), (host.Last.Cause, host.Last.Result, host.Last.CauseDetail));
        Assert.Equal([Step.Stage, Step.Apply, Step.HealthGate, Step.Soak], host.Last.Steps.Select(step => step.Step));
        Assert.True(host.Runs("web v1"));
        host.LookForDrift();
        Assert.Null(host.State.Drift);
        Assert.Equal(2, host.History.Count);
    }

    [Fact]
    public void It_is_looked_twice_so_that_a_restart_by_hand_is_no_drift()
    {
        Web.Stop();
        host.Clock.In(TimeSpan.FromSeconds(1), () => Web.Start(host.Clock.GetUtcNow()));

        Assert.Null(host.LookForDrift().Outcome);

        Assert.Single(host.History);
    }

    [Fact]
    public void A_poll_heals_too_also_while_the_source_is_away()
    {
        host.Engine.Containers.Clear();
        host.Repository.Trouble = FailureException.Transient("git.test does not answer");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v1"));
        Assert.Equal(FailureKind.Transient, host.State.Trouble?.Kind);
    }

    [Fact]
    public void A_renamed_and_a_paused_container_keep_their_ids()
    {
        var id = Web.Id;
        (Web.Name, Web.IsPaused) = ("mine", true);

        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);

        Assert.Equal((id, "shop-web-1", false), (Web.Id, Web.Name, Web.IsPaused));
    }

    [Fact]
    public void What_mounts_an_edited_file_is_made_anew_and_nothing_else()
    {
        host.Registry.Push("registry.test/cache:v1", "cache v1");
        var model = Some.Model(("web", "registry.test/web:v1"), ("cache", "registry.test/cache:v1"))
            .With("web", "volumes", System.Text.Json.Nodes.JsonNode.Parse("""[{"type":"bind","source":"/var/lib/eclusier/stacks/shop/work/conf","target":"/conf"}]"""));
        host.Repository.Commit(model);
        host.Poll();
        var before = host.Engine.Containers.ToDictionary(container => container.Service, container => container.Id);
        (host.WorkTree.Patch, host.WorkTree.Edited) = ("/patch", ["conf/web.conf"]);

        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);

        Assert.Equal(["recreate web"], host.Calls.Of("recreate"));
        Assert.NotEqual(before["web"], Web.Id);
        Assert.Equal(before["cache"], host.Engine.Of("shop", "cache").Single().Id);
    }

    [Fact]
    public void Report_says_it_once_and_touches_nothing()
    {
        var reporting = Some.Stack with { Drift = DriftPolicy.Report };
        host.Engine.Containers.Clear();

        host.LookForDrift(reporting);
        host.LookForDrift(reporting);
        host.Poll(reporting);

        Assert.Single(host.History);
        Assert.Empty(host.Engine.Containers);
        Assert.Single(host.Log, line => line.Contains("Drift: the host left release #1", StringComparison.Ordinal));
        Assert.Equal("service web has 0 of 1 containers", host.State.Drift?.Message);
    }

    [Fact]
    public void Ignore_does_not_look()
    {
        var ignoring = Some.Stack with { Drift = DriftPolicy.Ignore };
        host.Engine.Containers.Clear();

        Assert.Empty(host.LookForDrift(ignoring).Deviations);

        Assert.Null(host.State.Drift);
    }

    [Fact]
    public void A_suspended_stack_is_told_of_but_left_alone_until_it_is_resumed()
    {
        host.Journal.Suspend(Some.Shop, "maintenance", host.Clock.GetUtcNow());
        Web.Stop();

        Assert.Null(host.LookForDrift().Outcome);
        Assert.NotNull(host.State.Drift);

        host.Journal.Resume(Some.Shop);
        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);
    }

    [Fact]
    public void An_engine_that_is_away_says_nothing()
    {
        host.Engine.Containers.Clear();
        host.Engine.IsAway = true;

        Assert.Null(host.LookForDrift().Outcome);

        Assert.Null(host.State.Drift);
        Assert.Single(host.History);
    }

    [Fact]
    public void What_keeps_leaving_is_put_right_ever_later_and_said_to_be_a_failure()
    {
        var pauses = new List<double>();
        for (var time = 0; time < 8; time++)
        {
            host.Engine.Containers.Clear();
            var look = host.LookForDrift();
            if (look.Outcome is null)
            {
                pauses.Add((look.LookAgainAt!.Value - host.Last.EndedAt!.Value).TotalSeconds);
                host.Clock.Pass(look.LookAgainAt.Value - host.Clock.GetUtcNow());
                look = host.LookForDrift();
            }

            Assert.IsType<Outcome.Committed>(look.Outcome);
        }

        Assert.Equal([4, 8, 16, 32, 64, 128, 256], pauses);
        Assert.Contains(host.Log, line => line.Contains("was put right 3 times in a row and does not stay so", StringComparison.Ordinal));
        host.Engine.Containers.Clear();
        Assert.Equal(300, (host.LookForDrift().LookAgainAt!.Value - host.Last.EndedAt!.Value).TotalSeconds);

        host.Clock.Pass(TimeSpan.FromHours(1));
        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome); // after a calm hour it is a new matter
        host.Engine.Containers.Clear();
        Assert.Equal(4, (host.LookForDrift().LookAgainAt!.Value - host.Last.EndedAt!.Value).TotalSeconds);
    }

    [Fact]
    public void A_healing_that_fails_is_a_failure_that_quarantines_nothing()
    {
        host.Engine.Containers.Clear();
        host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "the port is taken")));

        Assert.IsType<Outcome.Failed>(host.LookForDrift().Outcome);

        Assert.Equal((Cause.Drift, DeploymentResult.Failed), (host.Last.Cause, host.Last.Result));
        Assert.DoesNotContain(host.Journal.ReadReleases(Some.Shop), release => release.IsQuarantined);
        host.Clock.Pass(TimeSpan.FromSeconds(5));
        Assert.IsType<Outcome.Committed>(host.LookForDrift().Outcome);
    }

    [Fact]
    public void A_release_that_failed_and_was_left_is_no_drift()
    {
        var leaving = Some.Stack with { OnFailure = FailurePolicy.StopAndReport };
        host.Push("v2", ImageBehaviour.AnswersBadly);
        Assert.IsType<Outcome.Failed>(host.Poll(leaving));

        Assert.Empty(host.LookForDrift(leaving).Deviations);
    }

    [Fact]
    public void A_job_that_somebody_stopped_is_known_by_the_engines_events()
    {
        host.Stopped.Note(new EngineEvent(host.Clock.GetUtcNow(), "shop", "kill", Web.Id, "1")); // a SIGHUP asks to read again
        Assert.Empty(host.Stopped.Read());

        host.Stopped.Note(new EngineEvent(host.Clock.GetUtcNow(), "shop", "stop", Web.Id, ""));
        Assert.Equal([Web.Id], host.Stopped.Read());

        host.Stopped.Note(new EngineEvent(host.Clock.GetUtcNow(), "shop", "start", Web.Id, ""));
        Assert.Empty(host.Stopped.Read());
    }
}
