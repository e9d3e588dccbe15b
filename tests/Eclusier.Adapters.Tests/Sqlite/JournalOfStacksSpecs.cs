using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class JournalOfStacksSpecs : JournalTest
{
    private static readonly Head Main = new("main", Commit);

    [Fact]
    public void A_stack_never_heard_of_has_an_empty_state() => Assert.Equal(new StackState(Shop), Journal.ReadState(Shop));

    [Fact]
    public void Its_state_tells_of_an_open_deployment_of_its_own()
    {
        var opened = Journal.Open(Shop, Cause.Commit, "", Commit, previous: null, Noon);
        Journal.RecordHead(Blog, Main, Noon);
        Assert.Equal((true, false), (Journal.ReadState(Shop).HasOpen, Journal.ReadState(Blog).HasOpen));

        Journal.Close(opened.Id, DeploymentResult.Rejected, "no", [], new StackChange(), Noon, announcement: null);
        Assert.False(Journal.ReadState(Shop).HasOpen);
    }

    [Fact]
    public void Everything_about_a_stack_survives_a_restart_to_the_tick()
    {
        Journal.RecordCheck(Shop, Noon, Main, "new commit", new Trouble(FailureKind.Waiting, "image missing", Noon, Until: Noon.AddMinutes(15)));
        Journal.RecordNextCheck(Shop, Noon.AddMinutes(3));
        Journal.Suspend(Shop, "inventory", Noon.AddSeconds(1));
        Journal.Settle(Shop, "c0ffee");
        Journal.RecordFollowedDigests(Shop, "web=sha256:1", Noon.AddSeconds(2));
        Journal.RecordYoungImages(Shop, "web sha256:2 2026-09-01T12:00:00.0000000+00:00");
        Journal.RecordLoadedFiles(Shop, "web c0ffee 1:2:3");

        Reopen();

        Assert.Equal(
            new StackState(Shop)
            {
                LastCheckAt = Noon,
                LastCheckMessage = "new commit",
                SeenHead = Main,
                Trouble = new Trouble(FailureKind.Waiting, "image missing", Noon, Noon.AddMinutes(15)),
                NextCheckAt = Noon.AddMinutes(3),
                Suspension = new Suspension("inventory", Noon.AddSeconds(1)),
                SettledKey = "c0ffee",
                FollowedDigests = "web=sha256:1",
                FollowedAt = Noon.AddSeconds(2),
                LoadedFiles = "web c0ffee 1:2:3",
                YoungImages = "web sha256:2 2026-09-01T12:00:00.0000000+00:00",
            },
            Journal.ReadState(Shop));
    }

    [Fact]
    public void A_head_is_known_before_its_check_is_over_and_changes_nothing_else()
    {
        Journal.RecordCheck(Shop, Noon, new Head("main", CommitId.None), "nothing new", trouble: null);

        Journal.RecordHead(Shop, Main, Noon.AddSeconds(7));
        Journal.RecordHead(Shop, Main, Noon.AddSeconds(9));
        Reopen();

        Assert.Equal(new StackState(Shop) { LastCheckAt = Noon, LastCheckMessage = "nothing new", SeenHead = Main, SeenSince = Noon.AddSeconds(7) }, Journal.ReadState(Shop));
    }

    [Fact]
    public void A_check_that_finds_what_the_one_before_found_is_told_but_leaves_the_disk_alone_for_five_minutes()
    {
        Journal.RecordCheck(Shop, Noon, Main, "nothing new", trouble: null);
        Journal.RecordNextCheck(Shop, Noon.AddMinutes(1));
        var written = Query("SELECT last_check_at || next_check_at FROM stack");

        Journal.RecordCheck(Shop, Noon.AddMinutes(1), Main, "nothing new", trouble: null);
        Assert.Equal((Noon.AddMinutes(1), Noon.AddMinutes(1)), (Journal.ReadState(Shop).LastCheckAt, Journal.ReadState(Shop).NextCheckAt));
        Journal.RecordNextCheck(Shop, Noon.AddMinutes(2));
        Assert.Equal(Noon.AddMinutes(2), Journal.ReadState(Shop).NextCheckAt);
        Assert.Equal(written, Query("SELECT last_check_at || next_check_at FROM stack"));

        Journal.RecordCheck(Shop, Noon.AddMinutes(5), Main, "nothing new", trouble: null);
        Journal.RecordNextCheck(Shop, Noon.AddMinutes(6));
        Reopen();
        Assert.Equal((Noon.AddMinutes(5), Noon.AddMinutes(6)), (Journal.ReadState(Shop).LastCheckAt, Journal.ReadState(Shop).NextCheckAt));
    }

    [Fact]
    public void A_check_that_finds_anything_else_is_written_down_at_once()
    {
        Action[] others =
        [
            () => Journal.RecordCheck(Shop, Noon.AddSeconds(1), new Head("main", CommitId.None), "nothing new", trouble: null),
            () => Journal.RecordCheck(Shop, Noon.AddSeconds(1), Main, "new commit", trouble: null),
            () => Journal.RecordCheck(Shop, Noon.AddSeconds(1), Main, "nothing new", new Trouble(FailureKind.Transient, "DNS", Noon)),
            () => Journal.RecordCheck(Shop, Noon.AddSeconds(1), head: null, "nothing new", trouble: null),
            () => Journal.RecordCheck(Shop, Noon.AddSeconds(-1), Main, "nothing new", trouble: null), // somebody put the clock back
        ];
        Assert.All(others, other =>
        {
            Journal.RecordCheck(Shop, Noon, Main, "something else", trouble: null);
            Journal.RecordCheck(Shop, Noon, Main, "nothing new", trouble: null);
            other();
            Assert.NotEqual("2026-09-01T12:00:00.1234567Z", Query("SELECT last_check_at FROM stack"));
        });
    }

    [Fact]
    public void The_first_check_of_an_agent_is_written_down()
    {
        Journal.RecordCheck(Shop, Noon, Main, "nothing new", trouble: null);
        Reopen();

        Journal.RecordCheck(Shop, Noon.AddSeconds(1), Main, "nothing new", trouble: null);

        Assert.Equal("2026-09-01T12:00:01.1234567Z", Query("SELECT last_check_at FROM stack"));
    }

    [Fact]
    public void A_time_is_the_same_moment_whatever_zone_it_was_given_in()
    {
        Journal.RecordNextCheck(Shop, Noon.ToOffset(TimeSpan.FromHours(2)));

        Assert.Equal(Noon, Journal.ReadState(Shop).NextCheckAt);
        Assert.Equal("2026-09-01T12:00:00.1234567Z", Query("SELECT next_check_at FROM stack"));
    }

    [Fact]
    public void A_trouble_keeps_its_beginning_and_counts_its_attempts_while_its_kind_lasts()
    {
        Journal.RecordCheck(Shop, Noon, null, "", new Trouble(FailureKind.Transient, "DNS", Noon));
        Journal.RecordCheck(Shop, Noon.AddMinutes(1), null, "", new Trouble(FailureKind.Transient, "timeout", Noon.AddMinutes(1)));
        Journal.RecordCheck(Shop, Noon.AddMinutes(2), null, "", new Trouble(FailureKind.Transient, "503", Noon.AddMinutes(2)));

        Assert.Equal(new Trouble(FailureKind.Transient, "503", Noon) { Attempts = 3 }, Journal.ReadState(Shop).Trouble);
    }

    [Fact]
    public void A_trouble_of_another_kind_begins_anew()
    {
        Journal.RecordCheck(Shop, Noon, null, "", new Trouble(FailureKind.Transient, "DNS", Noon));
        Journal.RecordCheck(Shop, Noon.AddMinutes(1), null, "", new Trouble(FailureKind.Transient, "DNS", Noon.AddMinutes(1)));
        Journal.RecordCheck(Shop, Noon.AddMinutes(2), null, "", new Trouble(FailureKind.Rejected, "YAML", Noon.AddMinutes(2)));

        Assert.Equal(new Trouble(FailureKind.Rejected, "YAML", Noon.AddMinutes(2)), Journal.ReadState(Shop).Trouble);
    }

    [Fact]
    public void A_trouble_that_passed_and_comes_again_begins_anew()
    {
        Journal.RecordCheck(Shop, Noon, null, "", new Trouble(FailureKind.Transient, "DNS", Noon));
        Journal.RecordCheck(Shop, Noon.AddMinutes(1), Main, "up to date", trouble: null);
        Assert.Null(Journal.ReadState(Shop).Trouble);

        Journal.RecordCheck(Shop, Noon.AddMinutes(2), null, "", new Trouble(FailureKind.Transient, "DNS", Noon.AddMinutes(2)));
        Assert.Equal(new Trouble(FailureKind.Transient, "DNS", Noon.AddMinutes(2)), Journal.ReadState(Shop).Trouble);
    }

    [Fact]
    public void A_check_that_was_not_told_a_head_keeps_the_one_seen_before()
    {
        Journal.RecordCheck(Shop, Noon, Main, "", null);
        Journal.RecordCheck(Shop, Noon.AddMinutes(3), null, "unreachable", null);

        var state = Journal.ReadState(Shop);
        Assert.Equal(Main, state.SeenHead);
        Assert.Equal(Noon.AddMinutes(3), state.LastCheckAt);
        Assert.Equal("unreachable", state.LastCheckMessage);
    }

    [Fact]
    public void A_stack_that_is_resumed_has_no_suspension_left()
    {
        Journal.Suspend(Shop, "inventory", Noon);
        Journal.Resume(Shop);

        Assert.False(Journal.ReadState(Shop).IsSuspended);
    }

    [Fact]
    public void What_a_stack_was_settled_on_can_be_forgotten()
    {
        Journal.Settle(Shop, "c0ffee");
        Journal.Settle(Shop, null);

        Assert.Null(Journal.ReadState(Shop).SettledKey);
    }

    [Fact]
    public void Stacks_do_not_share_anything()
    {
        Journal.Suspend(Shop, "inventory", Noon);
        Journal.RecordCheck(Blog, Noon, Main, "new", null);

        Assert.Null(Journal.ReadState(Shop).SeenHead);
        Assert.Null(Journal.ReadState(Blog).Suspension);
    }
}
