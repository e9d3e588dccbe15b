using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class BadReleaseSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_bad_commit_is_rolled_back_recorded_and_put_in_quarantine()
    {
        var good = Deployed("v1");
        var bad = host.Push("v2", ImageBehaviour.Crashes);

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal((2, 1), (outcome.Release, outcome.To));
        Assert.True(host.Runs("web v1"));
        Assert.Equal(good.Id, host.WorkTree.Commits[Some.Shop]);
        Assert.Equal((1, 1), (host.State.LastKnownGood, host.State.Applied));
        Assert.Equal((DeploymentResult.RolledBack, bad.Id, 2, 1), (host.Last.Result, host.Last.Commit, host.Last.Release, host.Last.Previous));
        Assert.Equal([Step.Fetch, Step.Render, Step.Lock, Step.Stage, Step.Apply, Step.HealthGate, Step.Soak, Step.RollBack, Step.Verify], host.Last.Steps.Select(step => step.Step));
        var entry = host.Journal.FindRelease(Some.Shop, 2)!;
        Assert.True(entry.IsQuarantined);
        Assert.False(entry.IsCommitted);
        Assert.Contains("was healthy at first, but did not stay so: container shop-web-1 was restarted 5 times", entry.QuarantineReason, StringComparison.Ordinal);
        Assert.False(host.Journal.FindRelease(Some.Shop, 1)!.IsQuarantined);
    }

    [Fact]
    public void The_record_holds_the_last_lines_of_the_failing_container()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);

        host.Poll();

        Assert.Contains(host.Last.Evidence, evidence => evidence.Subject == "last lines of shop-web-1" && evidence.Text == "cannot reach the database\ngiving up");
    }

    [Fact]
    public void A_bad_commit_is_not_tried_again()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Calls.Clear();

        for (var poll = 0; poll < 20; poll++)
        {
            Assert.IsType<Outcome.UpToDate>(host.Poll());
            host.Clock.Pass(TimeSpan.FromMinutes(3));
        }

        Assert.Empty(host.Calls.Touches);
        Assert.Empty(host.Calls.Of("fetch"));
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_command_to_deploy_the_bad_commit_is_refused_and_says_what_helps()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Calls.Clear();

        var outcome = Assert.IsType<Outcome.Blocked>(host.Deploy());

        Assert.StartsWith("release #2 is in quarantine (release #2 was healthy at first", outcome.Message, StringComparison.Ordinal);
        Assert.EndsWith("`eclusier retry shop` tries it once more", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(host.Calls.Touches);
        Assert.Equal(DeploymentResult.Blocked, host.Last.Result);
    }

    [Fact]
    public void A_newer_commit_deploys_by_itself()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Push("v3");

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v3"));
        Assert.Equal(3, host.State.LastKnownGood);
    }

    [Fact]
    public void Two_bad_commits_at_once_go_back_to_what_ran_not_to_the_commit_before()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Push("v3", ImageBehaviour.Crashes);

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal(1, outcome.To);
        Assert.True(host.Runs("web v1"));
        Assert.Equal(2, host.Journal.ReadReleases(Some.Shop).Count); // the one in between was never tried
    }

    [Fact]
    public void A_bad_commit_after_a_bad_commit_goes_back_to_the_last_known_good_too()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Push("v3", ImageBehaviour.AnswersBadly);

        Assert.Equal(1, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_rollback_runs_the_very_images_though_the_tag_moved_and_the_registry_is_down()
    {
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")));
        host.Poll();
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.AnswersBadly);
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")), "trigger");
        host.Clock.In(TimeSpan.FromSeconds(30), () =>
        {
            host.Registry.Trouble = FakeRegistry.Down;
            host.Engine.Prune();
        });

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_commit_that_returns_to_what_runs_changes_nothing()
    {
        var good = Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Calls.Clear();
        host.Repository.Commit(good.Model, "Revert \"v2\"");

        Assert.IsType<Outcome.UpToDate>(host.Poll());

        Assert.Empty(host.Calls.Touches);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_new_commit_ends_the_quarantine_even_when_it_only_touches_the_README()
    {
        Deployed("v1");
        var bad = host.Push("v2", ImageBehaviour.Crashes);
        host.Poll();
        host.Repository.Commit(bad.Model, "README"); // what was wrong may have been outside the repository

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal((3, 1), (outcome.Release, outcome.To));
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void Retry_frees_the_release_and_tries_it_once_more()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Poll();
        Repair("web v2");

        var outcome = Assert.IsType<Outcome.Committed>(host.Retry());

        Assert.Equal(2, outcome.Release); // the same inputs are the same release
        Assert.Equal(Cause.Retry, host.Last.Cause);
        Assert.False(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
        Assert.Equal(2, host.State.LastKnownGood);
    }

    [Fact]
    public void A_retry_that_fails_again_is_rolled_back_and_put_back_in_quarantine()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Poll();

        Assert.IsType<Outcome.RolledBack>(host.Retry());

        Assert.True(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void Force_ignores_the_quarantine()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Poll();
        Repair("web v2");

        Assert.IsType<Outcome.Committed>(host.Deploy(force: true));

        Assert.False(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void The_first_release_that_fails_is_left_as_it_is_since_there_is_nothing_to_go_back_to()
    {
        host.Push("v1", ImageBehaviour.AnswersBadly);

        var outcome = Assert.IsType<Outcome.Failed>(host.Poll());

        Assert.StartsWith("release #1 was left as it is: release #1 is not healthy after 100 s", outcome.Message, StringComparison.Ordinal);
        Assert.True(host.Runs("web v1"));
        Assert.Null(host.State.LastKnownGood);
        Assert.Equal(1, host.State.Applied);
        Assert.True(host.Journal.FindRelease(Some.Shop, 1)!.IsQuarantined);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void A_failed_first_release_never_becomes_what_is_gone_back_to()
    {
        var first = host.Push("v1", ImageBehaviour.AnswersBadly);
        host.Poll();
        host.Compose.ByHand["shop"] = first.Model; // it could be told how it was started
        host.Push("v2", ImageBehaviour.AnswersBadly);

        Assert.IsType<Outcome.Failed>(host.Poll());

        Assert.Null(host.State.LastKnownGood);
        Assert.DoesNotContain(host.Journal.ReadReleases(Some.Shop), entry => entry.Number == 0);
    }

    [Fact]
    public void A_broken_release_does_not_excuse_the_next_one()
    {
        host.Push("v1", ImageBehaviour.AnswersBadly);
        host.Poll();
        host.Push("v2", ImageBehaviour.AnswersBadly); // its probe failed before, too: but because of another bad release

        host.Poll();

        Assert.Equal(DeploymentResult.Failed, host.Last.Result);
    }

    [Fact]
    public void A_broken_release_that_was_left_running_does_not_excuse_the_next_one_either()
    {
        var stack = Some.Stack with { OnFailure = FailurePolicy.StopAndReport };
        host.Push("v1");
        host.Poll(stack);
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Poll(stack);
        host.Push("v3", ImageBehaviour.AnswersBadly);

        Assert.IsType<Outcome.Failed>(host.Poll(stack));
    }

    [Fact]
    public void A_probe_that_failed_under_the_last_known_good_release_already_excuses_the_new_one()
    {
        Deployed("v1");
        host.Probes.Failing[Some.Probe.Title] = "HTTP 502: the tunnel is down";
        host.Push("v2");

        var outcome = Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.EndsWith("failed before the deployment already, and still does: http http://shop.test/health: HTTP 502: the tunnel is down", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("failed before the deployment already", host.Last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_and_report_leaves_the_failed_release_running()
    {
        var stack = Some.Stack with { OnFailure = FailurePolicy.StopAndReport };
        host.Push("v1");
        host.Poll(stack);
        host.Push("v2", ImageBehaviour.AnswersBadly);

        Assert.IsType<Outcome.Failed>(host.Poll(stack));

        Assert.True(host.Runs("web v2"));
        Assert.Equal((1, 2), (host.State.LastKnownGood, host.State.Applied));
        Assert.Equal(DeploymentResult.Failed, host.Last.Result);
        Assert.True(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void After_stop_and_report_a_commit_that_returns_to_the_last_known_good_is_applied()
    {
        var stack = Some.Stack with { OnFailure = FailurePolicy.StopAndReport };
        var good = host.Push("v1");
        host.Poll(stack);
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Poll(stack);
        host.Repository.Commit(good.Model, "Revert \"v2\"");

        Assert.IsType<Outcome.Committed>(host.Poll(stack));

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_container_that_the_engine_cannot_start_is_rolled_back_without_waiting_for_the_gate()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.CannotStart);
        var before = host.Clock.Elapsed;

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal(before + Some.Stack.Health.Soak, host.Clock.Elapsed); // only the way back is watched
        Assert.Contains("no such file or directory", host.Last.Reason, StringComparison.Ordinal);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void When_Compose_gives_up_the_record_holds_the_last_lines_of_what_did_not_come_up()
    {
        Deployed("v1");
        host.Registry.Push("registry.test/migration:v2", "migration v2", ImageBehaviour.Crashes with { EndsAfter = TimeSpan.Zero });
        host.Registry.Push("registry.test/web:v2", "web v2", ImageBehaviour.CannotStart);
        host.Repository.Commit(Some.Model(("migration", "registry.test/migration:v2"), ("web", "registry.test/web:v2")));

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal(["docker compose up", "last lines of shop-migration-1"], host.Last.Evidence.Select(evidence => evidence.Subject));
        Assert.Equal("cannot reach the database\ngiving up", host.Last.Evidence[1].Text);
    }

    [Fact]
    public void The_last_known_good_release_forced_once_more_and_failing_does_not_go_into_quarantine()
    {
        Deployed("v1");
        host.Probes.Failing[Some.Probe.Title] = "HTTP 503";
        host.Engine.Containers.Clear();

        Assert.IsType<Outcome.Failed>(host.Deploy(force: true));

        Assert.False(host.Journal.FindRelease(Some.Shop, 1)!.IsQuarantined);
        Assert.Equal(1, host.State.LastKnownGood);
    }

    private FakeCommit Deployed(string tag)
    {
        var commit = host.Push(tag);
        Assert.IsType<Outcome.Committed>(host.Poll());
        return commit;
    }

    /// <summary>What was wrong outside the image is well again.</summary>
    private void Repair(string content)
    {
        var index = host.Engine.Images.FindIndex(image => image.References.Any(reference => reference.EndsWith(Some.Digest(content), StringComparison.Ordinal)));
        var repaired = new LocalImage(host.Engine.Images[index].Id, ImageBehaviour.Fine);
        repaired.References.UnionWith(host.Engine.Images[index].References);
        host.Engine.Images[index] = repaired;
    }
}
