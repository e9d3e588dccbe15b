using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>The journal is gone: what the release folders and containers tell is all that is left.</summary>
public sealed class LostMemorySpecs : IDisposable
{
    private const string Damage = "the database was damaged (file is not a database) and is kept as 'eclusier.db.damaged-1'";

    private readonly FakeHost host = new() { Settings = new AgentSettings { Notifiers = [new NotifierSettings("ops", NotifierType.Slack, [EventKind.DatabaseRebuilt])] } };

    public LostMemorySpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Push("v2");
        host.Poll();
    }

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(Damage, Damage)]
    [InlineData(null, "the database was missing or empty")]
    public void All_stacks_come_up_suspended_with_the_reason_and_nothing_is_touched(string? damage, string reason)
    {
        Lose(damage);

        Assert.StartsWith(reason, host.State.Suspension!.Reason, StringComparison.Ordinal);
        Assert.Contains("2 release folders told what was deployed", host.State.Suspension.Reason, StringComparison.Ordinal);
        Assert.IsType<Outcome.Blocked>(host.Poll());
        Assert.Empty(host.Calls.Touches);
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void It_is_told_once_and_to_those_who_want_to_know()
    {
        Lose(Damage);
        host.Memory.RebuildIfLost([Some.Stack], null);

        var told = Assert.Single(host.Journal.Announcements);
        Assert.Equal(EventKind.DatabaseRebuilt, told.Event.Kind);
        Assert.Equal(["ops"], told.Recipients);
        Assert.Contains(Damage, told.Event.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_that_another_was_made_from_is_known_to_have_passed()
    {
        Lose(Damage);

        Assert.True(host.Journal.FindRelease(Some.Shop, 1)!.IsCommitted);
        Assert.False(host.Journal.FindRelease(Some.Shop, 2)!.IsCommitted);
    }

    [Fact]
    public void What_runs_is_recognised_before_a_person_says_anything()
    {
        Lose(Damage);

        Assert.True(host.Memory.IsRebuilt(Some.Shop));
        Assert.Equal(2, host.Memory.FindRunning(Some.Shop, Observed()));
        Assert.Null(host.State.LastKnownGood);
    }

    [Fact]
    public void Once_resumed_the_release_that_runs_is_last_known_good_and_is_not_applied_again()
    {
        Lose(Damage);
        host.Journal.Resume(Some.Shop);

        Assert.IsType<Outcome.UpToDate>(host.Poll());

        Assert.Equal((2, 2), (host.State.LastKnownGood, host.State.Applied));
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void After_that_a_bad_release_gets_a_new_number_and_is_rolled_back()
    {
        Lose(Damage);
        host.Journal.Resume(Some.Shop);
        host.Poll();
        host.Push("v3", ImageBehaviour.Crashes);

        var outcome = Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal((3, 2), (outcome.Release, outcome.To));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void What_runs_and_is_no_release_exactly_is_not_taken_for_good()
    {
        host.Engine.Containers[0].Stop();
        Lose(Damage);
        host.Journal.Resume(Some.Shop);
        host.Push("v3", ImageBehaviour.Crashes);

        Assert.IsType<Outcome.Failed>(host.Poll());

        Assert.Null(host.State.LastKnownGood);
        Assert.DoesNotContain(host.Journal.ReadReleases(Some.Shop), release => release.Number == 0); // nor taken over as what ran before
    }

    [Fact]
    public void A_service_too_many_is_no_release_exactly()
    {
        host.Compose.UpByHand("shop", Some.Model(("web", "registry.test/web:v2"), ("extra", "registry.test/web:v2")), host.Registry);
        Lose(Damage);

        Assert.Null(host.Memory.FindRunning(Some.Shop, Observed()));
    }

    [Fact]
    public void An_engine_that_is_away_is_waited_for_before_anything_is_decided()
    {
        Lose(Damage);
        host.Journal.Resume(Some.Shop);
        host.Engine.IsAway = true;

        Assert.IsType<Outcome.Unavailable>(host.Poll());
        host.Engine.IsAway = false;

        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.Equal(2, host.State.LastKnownGood);
    }

    [Fact]
    public void A_damaged_folder_is_set_aside_and_its_number_is_not_given_again()
    {
        var damaged = host.Journal.FindRelease(Some.Shop, 2)!.Id;
        host.Releases.Damaged.Add(damaged);
        Lose(Damage);
        host.Journal.Resume(Some.Shop);

        host.Poll();

        Assert.Equal(damaged, Assert.Single(host.Releases.Aside).Id);
        Assert.Null(host.Journal.FindRelease(Some.Shop, 2));
        Assert.Equal(3, host.State.LastKnownGood); // the commit was prepared anew
    }

    [Fact]
    public void A_memory_that_is_there_is_left_alone()
    {
        host.Restart();
        host.Memory.RebuildIfLost([Some.Stack], null);

        Assert.False(host.State.IsSuspended);
        Assert.Equal(2, host.State.LastKnownGood);
        Assert.DoesNotContain(host.Journal.Announcements, told => told.Event.Kind is EventKind.DatabaseRebuilt);
    }

    [Fact]
    public void Where_nothing_was_ever_deployed_nothing_is_lost()
    {
        using var fresh = new FakeHost();

        fresh.Memory.RebuildIfLost([Some.Stack], null);

        Assert.False(fresh.State.IsSuspended);
    }

    [Fact]
    public void A_resumed_stack_is_not_suspended_again_by_the_next_start()
    {
        Lose(Damage);
        host.Journal.Resume(Some.Shop);

        host.Restart();
        host.Memory.RebuildIfLost([Some.Stack], null);

        Assert.False(host.State.IsSuspended);
    }

    private void Lose(string? damage)
    {
        host.Journal.Forget();
        host.Restart();
        host.Calls.Clear();
        host.Memory.RebuildIfLost([Some.Stack], damage);
        host.Recover();
    }

    private LiveStack Observed() => host.Clock.Run(() => host.Engine.ObserveAsync("shop", CancellationToken.None));
}
