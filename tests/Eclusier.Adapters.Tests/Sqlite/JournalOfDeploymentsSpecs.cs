using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.History;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class JournalOfDeploymentsSpecs : JournalTest
{
    [Fact]
    public void A_deployment_is_there_before_anything_is_done()
    {
        Deploy(1);
        var opened = Journal.Open(Shop, Cause.ManualRollback, "ada: it was slow", Commit, previous: 1, Noon.AddHours(1));

        Reopen();
        var found = Journal.FindOpen(Shop)!;

        Assert.Equal((opened.Id, Cause.ManualRollback, "ada: it was slow", Commit, 1, Noon.AddHours(1)), (found.Id, found.Cause, found.CauseDetail, found.Commit, found.Previous, found.StartedAt));
        Assert.True(found.IsOpen);
        Assert.Null(found.Release);
        Assert.Empty(found.Steps);
    }

    [Fact]
    public void A_stack_has_one_open_deployment_at_a_time()
    {
        var first = OpenOne();

        var exception = Assert.Throws<InvalidOperationException>(() => OpenOne());
        Assert.Equal($"shop: deployment {first.Id} is still open; a stack has one at a time", exception.Message);
        Assert.Equal(first.Id, Journal.FindOpen(Shop)!.Id);
        Assert.NotEqual(first.Id, OpenOne(Blog).Id);

        CloseOne(first);
        Assert.Null(Journal.FindOpen(Shop));
        Assert.NotEqual(first.Id, OpenOne().Id);
    }

    [Fact]
    public void A_deployment_is_told_step_by_step()
    {
        var deployment = OpenOne();
        Journal.BeginStep(deployment.Id, Step.Fetch, Noon);
        Journal.EndStep(deployment.Id, Step.Fetch, true, "3 commits", Noon.AddSeconds(2));
        Journal.RecordSubject(deployment.Id, "Fix the till", "Ada");
        Journal.BeginStep(deployment.Id, Step.HealthGate, Noon.AddSeconds(3));

        Reopen();
        var open = Journal.FindOpen(Shop)!;

        Assert.Equal(("Fix the till", "Ada"), (open.Subject, open.Author));
        Assert.Equal(
            [new StepRecord(Step.Fetch, Noon, Noon.AddSeconds(2), true, "3 commits"), new StepRecord(Step.HealthGate, Noon.AddSeconds(3), null, null, "")],
            open.Steps);
        Assert.Equal("health-gate", Query("SELECT step FROM step ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public void The_last_trial_is_the_newest_that_touched_the_host_or_failed_to_put_drift_right()
    {
        Assert.Null(Journal.FindLastTrial(Shop, among: 20));

        var touched = OpenOne(at: Noon);
        Journal.BeginStep(touched.Id, Step.Fetch, Noon);
        Assert.Null(Journal.FindLastTrial(Shop, among: 20));
        Journal.BeginStep(touched.Id, Step.Apply, Noon);
        Assert.Equal(new TrialEnd(Cause.Commit, null, null), Journal.FindLastTrial(Shop, among: 20));
        CloseOne(touched, DeploymentResult.RollbackFailed);

        CloseOne(OpenOne(at: Noon.AddHours(1)), DeploymentResult.Rejected);
        CloseOne(OpenOne(Blog, Noon.AddHours(2)), DeploymentResult.Failed);
        Assert.Equal(new TrialEnd(Cause.Commit, DeploymentResult.RollbackFailed, Noon.AddMinutes(1)), Journal.FindLastTrial(Shop, among: 20));
        Assert.Null(Journal.FindLastTrial(Shop, among: 1));

        CloseOne(Journal.Open(Shop, Cause.Drift, "", Commit, previous: 1, Noon.AddHours(3)), DeploymentResult.Failed);
        Assert.Equal(Cause.Drift, Journal.FindLastTrial(Shop, among: 20)!.Cause);
    }

    [Fact]
    public void The_question_for_the_last_trial_is_compiled_once_however_often_it_is_asked()
    {
        const int Reprepared = 5; // SQLITE_STMTSTATUS_REPREPARE, https://sqlite.org/c3ref/c_stmtstatus_counter.html
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(SqliteJournal.LastTrialOfStack, connection);
        command.Parameters.AddWithValue("$stack", Shop.Value);
        command.Parameters.AddWithValue("$among", 20);
        command.Prepare();
        for (var asked = 0; asked < 3; asked++)
        {
            using var reader = command.ExecuteReader();
            Assert.Equal(0, SQLitePCL.raw.sqlite3_stmt_status(reader.Handle, Reprepared, 0));
        }
    }

    [Fact]
    public void A_step_begun_again_after_a_restart_is_told_twice_and_only_the_second_ends()
    {
        var deployment = OpenOne();
        Journal.BeginStep(deployment.Id, Step.Apply, Noon);
        Reopen();
        Journal.BeginStep(deployment.Id, Step.Apply, Noon.AddMinutes(1));
        Journal.EndStep(deployment.Id, Step.Apply, false, "exit code 1", Noon.AddMinutes(2));

        Assert.Equal(
            [new StepRecord(Step.Apply, Noon, null, null, ""), new StepRecord(Step.Apply, Noon.AddMinutes(1), Noon.AddMinutes(2), false, "exit code 1")],
            Journal.FindDeployment(deployment.Id)!.Steps);
        Assert.Throws<InvalidOperationException>(() => Journal.EndStep(deployment.Id, Step.Apply, true, "", Noon.AddMinutes(3)));
    }

    [Fact]
    public void Starts_of_applying_are_counted_over_restarts()
    {
        var deployment = OpenOne();
        Assert.Equal(1, Journal.CountStart(deployment.Id));
        Reopen();
        Assert.Equal(2, Journal.CountStart(deployment.Id));
        Assert.Equal(2, Journal.FindOpen(Shop)!.Starts);
    }

    [Fact]
    public void What_another_agent_needs_to_judge_the_release_is_kept_until_it_is_closed()
    {
        Deploy(1);
        var deployment = OpenOne();
        Assert.Null(deployment.Baseline);
        Assert.Equal("key-1", deployment.SettledBefore);
        Journal.RecordBaseline(deployment.Id, new Baseline(new Dictionary<string, long> { ["gone"] = 1 }, []));
        Journal.RecordBaseline(deployment.Id, new Baseline(new Dictionary<string, long> { ["a"] = 2, ["b"] = 0 }, ["http http://localhost/", "tcp localhost:1"]));
        Journal.RecordFailure(deployment.Id, new Failure(FailureKind.DeploymentFailed, "is not healthy") { Evidence = [new Evidence("probe", "500")] });
        Assert.Equal(1, Journal.CountRecovery(deployment.Id));
        Reopen();

        var open = Journal.FindOpen(Shop)!;
        Assert.Equal(new Dictionary<string, long> { ["a"] = 2, ["b"] = 0 }, open.Baseline!.Restarts);
        Assert.Equal(["http http://localhost/", "tcp localhost:1"], open.Baseline.FailingProbes.Order());
        Assert.Equal(("is not healthy", 1), (open.Reason, open.Recoveries));
        Assert.Equal([new Evidence("probe", "500")], open.Evidence);
        Assert.Equal(2, Journal.CountRecovery(deployment.Id));

        Journal.Close(deployment.Id, DeploymentResult.RollbackFailed, "neither works", [new Evidence("probe", "500"), new Evidence("log", "oops")], new StackChange { Suspend = "look at it" }, Noon.AddMinutes(5), announcement: null);

        Assert.Null(Journal.FindDeployment(deployment.Id)!.Baseline);
        Assert.Equal(2, Journal.FindDeployment(deployment.Id)!.Evidence.Count);
        Assert.Equal(0L, Query("SELECT (SELECT count(*) FROM baseline_probe) + (SELECT count(*) FROM baseline_restart)"));
        Assert.Equal(new Suspension("look at it", Noon.AddMinutes(5)), Journal.ReadState(Shop).Suspension);
        Assert.Throws<InvalidOperationException>(() => Journal.RecordFailure(deployment.Id, new Failure(FailureKind.DeploymentFailed, "late")));
        Assert.Throws<InvalidOperationException>(() => Journal.CountRecovery(deployment.Id));
    }

    [Fact]
    public void A_baseline_without_anything_in_it_is_one_all_the_same()
    {
        var deployment = OpenOne();
        Journal.RecordBaseline(deployment.Id, new Baseline(new Dictionary<string, long>(), []));

        Assert.Empty(Journal.FindOpen(Shop)!.Baseline!.Restarts);
    }

    [Fact]
    public void An_orderly_stop_takes_back_the_start_and_an_unfinished_applying()
    {
        var deployment = OpenOne();
        Journal.CountStart(deployment.Id);
        Journal.BeginStep(deployment.Id, Step.Apply, Noon);
        Journal.CountRecovery(deployment.Id);

        Journal.RecordOrderlyStop(deployment.Id);
        Assert.Equal((0, 0), Counts());

        Journal.CountStart(deployment.Id);
        Journal.EndStep(deployment.Id, Step.Apply, true, "", Noon);
        Journal.BeginStep(deployment.Id, Step.HealthGate, Noon);
        Journal.RecordOrderlyStop(deployment.Id);
        Assert.Equal((1, 0), Counts());

        (int Starts, int Recoveries) Counts() => Journal.FindOpen(Shop) is { } open ? (open.Starts, open.Recoveries) : default;
    }

    [Fact]
    public void Closing_changes_deployment_release_and_stack_together()
    {
        Deploy(1);
        var deployment = OpenOne();
        Journal.RecordRelease(deployment.Id, SomeRelease(2));
        Evidence[] evidence = [new("service web", "line 1\nline 2"), new("probe http://localhost", "500")];

        Journal.Close(deployment.Id, DeploymentResult.RolledBack, "web is unhealthy", evidence, new StackChange { Applied = 1, Quarantine = 2, SettledKey = "settled" }, Noon.AddMinutes(5), null);
        Reopen();

        var closed = Journal.FindDeployment(deployment.Id)!;
        Assert.Equal((DeploymentResult.RolledBack, "web is unhealthy", Noon.AddMinutes(5), 2), (closed.Result, closed.Reason, closed.EndedAt, closed.Release));
        Assert.Equal(evidence, closed.Evidence);
        Assert.Equal("rolled-back", Query($"SELECT result FROM deployment WHERE id = {deployment.Id}"));
        var state = Journal.ReadState(Shop);
        Assert.Equal((1, 1, "settled"), (state.LastKnownGood, state.Applied, state.SettledKey));
        var release = Journal.FindRelease(Shop, 2)!;
        Assert.Equal((Noon.AddMinutes(5), "web is unhealthy", false), (release.QuarantinedAt, release.QuarantineReason, release.IsCommitted));
    }

    [Fact]
    public void A_commit_moves_last_known_good_and_stamps_the_release()
    {
        Deploy(1);

        var state = Journal.ReadState(Shop);
        Assert.Equal((1, 1, "key-1"), (state.LastKnownGood, state.Applied, state.SettledKey));
        Assert.Equal(Noon.AddMinutes(1), Journal.FindRelease(Shop, 1)!.CommittedAt);
    }

    [Fact]
    public void A_closing_that_names_no_change_leaves_the_stack_as_it_is()
    {
        Deploy(1);
        CloseOne(OpenOne(), DeploymentResult.Interrupted);

        var state = Journal.ReadState(Shop);
        Assert.Equal((1, 1, "key-1"), (state.LastKnownGood, state.Applied, state.SettledKey));
    }

    [Fact]
    public void A_deployment_is_closed_once()
    {
        Deploy(1);
        var deployment = OpenOne();
        Journal.RecordRelease(deployment.Id, SomeRelease(2));
        CloseOne(deployment, DeploymentResult.Failed, reason: "first");
        Journal.Close(deployment.Id, DeploymentResult.Committed, "second", [new Evidence("x", "y")], new StackChange { LastKnownGood = 2, Quarantine = 2 }, Noon.AddHours(1), null);

        var closed = Journal.FindDeployment(deployment.Id)!;
        Assert.Equal((DeploymentResult.Failed, "first", Noon.AddMinutes(1)), (closed.Result, closed.Reason, closed.EndedAt));
        Assert.Empty(closed.Evidence);
        Assert.Equal(1, Journal.ReadState(Shop).LastKnownGood);
        Assert.False(Journal.FindRelease(Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void A_closing_that_fails_halfway_leaves_nothing_behind()
    {
        Deploy(1);
        var deployment = OpenOne();
        var change = new StackChange { LastKnownGood = 1, SettledKey = "new", Commit = 1, Quarantine = 99 };

        var exception = Assert.Throws<InvalidOperationException>(() =>
            Journal.Close(deployment.Id, DeploymentResult.Failed, "", [new Evidence("x", "y")], change, Noon.AddHours(1), null));

        Assert.Equal("shop has no release #99", exception.Message);
        Assert.True(Journal.FindDeployment(deployment.Id)!.IsOpen);
        Assert.Empty(Journal.FindDeployment(deployment.Id)!.Evidence);
        Assert.Equal("key-1", Journal.ReadState(Shop).SettledKey);
    }

    [Fact]
    public void Last_known_good_is_always_a_release_that_is_known() =>
        Assert.Contains("FOREIGN KEY", Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => CloseOne(OpenOne(), change: new StackChange { LastKnownGood = 7 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_added_to_a_deployment_that_is_closed_or_unknown()
    {
        var closed = OpenOne();
        CloseOne(closed);

        foreach (var id in new[] { closed.Id, 4711 })
        {
            Assert.Throws<InvalidOperationException>(() => Journal.RecordSubject(id, "x", "Ada"));
            Assert.Throws<InvalidOperationException>(() => Journal.BeginStep(id, Step.Apply, Noon));
            Assert.Throws<InvalidOperationException>(() => Journal.CountStart(id));
            Assert.Throws<InvalidOperationException>(() => Journal.RecordRelease(id, SomeRelease(1)));
        }

        Assert.Throws<InvalidOperationException>(() => Journal.Close(4711, DeploymentResult.Failed, "", [], new StackChange(), Noon, null));
        Assert.Empty(Journal.ReadReleases(Shop));
    }

    [Fact]
    public void History_is_newest_first_limited_and_since()
    {
        for (var hour = 0; hour < 5; hour++)
        {
            CloseOne(OpenOne(Shop, Noon.AddHours(hour)), reason: $"shop {hour}");
            CloseOne(OpenOne(Blog, Noon.AddHours(hour)), reason: $"blog {hour}");
        }

        Assert.Equal(["shop 4", "shop 3"], Reasons(Journal.ReadDeployments(Shop, limit: 2)));
        Assert.Equal(["shop 4", "shop 3"], Reasons(Journal.ReadDeployments(Shop, limit: 9, since: Noon.AddHours(3))));
        Assert.Equal(["blog 4", "shop 4", "blog 3"], Reasons(Journal.ReadDeployments(null, limit: 3)));
        Assert.Equal(["blog 4", "shop 4"], Reasons(Journal.ReadDeployments(null, limit: 9, since: Noon.AddHours(4))));
    }

    [Fact]
    public void History_comes_with_its_steps()
    {
        var deployment = OpenOne();
        Journal.BeginStep(deployment.Id, Step.Fetch, Noon);

        Assert.Equal(Step.Fetch, Assert.Single(Assert.Single(Journal.ReadDeployments(Shop, 10)).Steps).Step);
    }

    [Theory]
    [InlineData(SqliteJournal.HistoryOfStack, "USING INDEX deployment_of_stack (stack=? AND started_at>?)")]
    [InlineData(SqliteJournal.HistoryOfAll, "USING INDEX deployment_by_start (started_at>?)")]
    [InlineData(SqliteJournal.StepsOfDeployment, "USING INDEX step_of_deployment (deployment=?)")]
    [InlineData(SqliteJournal.EvidenceOfDeployment, "USING PRIMARY KEY (deployment=?)")]
    [InlineData(SqliteJournal.ReleasesOfStack, "USING PRIMARY KEY (stack=?)")]
    public void Reading_never_walks_a_whole_table_nor_sorts(string sql, string plan)
    {
        var lines = Database.Read(database => database.All(
            "EXPLAIN QUERY PLAN " + sql,
            row => row.Text("detail"),
            [.. new (string Name, object? Value)[] { ("$stack", "shop"), ("$since", Noon), ("$limit", 5), ("$id", 1) }.Where(parameter => sql.Contains(parameter.Name, StringComparison.Ordinal))]));

        Assert.Contains(plan, Assert.Single(lines), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Reasons(IEnumerable<Deployment> deployments) => deployments.Select(deployment => deployment.Reason);
}
