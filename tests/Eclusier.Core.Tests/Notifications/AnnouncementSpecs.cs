using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Notifications;

/// <summary>What happens is told once, to whom it concerns, with all that a person needs at 3 in the morning.</summary>
public sealed class AnnouncementSpecs : IDisposable
{
    private static readonly Stack Stack = Some.Stack with { Notify = ["ops", "loud"] };

    private readonly FakeHost host = new()
    {
        Settings = new AgentSettings
        {
            Notifiers =
            [
                Notifier("ops", EventKind.Committed, EventKind.Recovered, EventKind.RolledBack, EventKind.Failed, EventKind.Waiting),
                Notifier("loud", EventKind.Quarantined, EventKind.RollbackFailed),
                Notifier("other", EventKind.Committed), // no stack names it
                Notifier("agent", EventKind.AgentStarted),
            ],
        },
    };

    public AnnouncementSpecs() => host.Restart();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_commit_is_told_to_who_asked_for_it()
    {
        var commit = Deployed("v1");

        var announcement = Assert.Single(host.Journal.Announcements);
        Assert.Equal("deployment/1", announcement.Cause);
        Assert.Equal(["ops"], announcement.Recipients);
        var told = announcement.Event;
        Assert.Equal((EventKind.Committed, "shop", "shop: release #1 is deployed", "host.test"), (told.Kind, told.Stack, told.Title, told.Host));
        Assert.Equal((1, commit.Id.Value, "a change to v1", "Ada"), (told.To!.Release, told.To.Commit, told.To.Subject, told.To.Author));
        Assert.Equal(told.To, told.Running);
        Assert.Null(told.From);
        Assert.True(told.Deployment!.Seconds > 0);
    }

    [Fact]
    public void A_rollback_tells_what_failed_what_runs_and_the_evidence_once()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll(Stack);
        for (var poll = 0; poll < 5; poll++)
        {
            host.Clock.Pass(TimeSpan.FromMinutes(3));
            host.Poll(Stack);
        }

        var announcement = Assert.Single(host.Journal.Announcements.Skip(1));
        Assert.Equal(["ops", "loud"], announcement.Recipients); // rolled back for one, quarantined for the other: one message each
        var told = announcement.Event;
        Assert.Equal((EventKind.RolledBack, "shop: release #2 failed and was rolled back to #1"), (told.Kind, told.Title));
        Assert.Equal([EventKind.Quarantined], told.Also);
        Assert.Equal((1, 2, 1), (told.From!.Release, told.To!.Release, told.Running!.Release));
        Assert.Contains("restarted 5 times", told.Message, StringComparison.Ordinal);
        Assert.Equal(("rolled-back", "soak"), (told.Deployment!.Result, told.Deployment.Step));
        Assert.Contains(told.Evidence, evidence => evidence.Text == "cannot reach the database\ngiving up");
    }

    [Fact]
    public void The_first_good_release_after_a_bad_one_says_that_it_works_again()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll(Stack);
        Deployed("v3");
        Deployed("v4");

        Assert.Equal([EventKind.Committed, EventKind.RolledBack, EventKind.Recovered, EventKind.Committed], Kinds());
        Assert.Equal([EventKind.Committed], host.Journal.Announcements[2].Event.Also);
    }

    [Fact]
    public void A_trouble_that_passes_soon_is_not_told()
    {
        Deployed("v1");
        host.Repository.Trouble = FailureException.Transient("no route to host");
        host.Poll(Stack);
        host.Clock.Pass(TimeSpan.FromMinutes(14));
        host.Poll(Stack);
        host.Repository.Trouble = null;
        host.Poll(Stack);

        Assert.Equal([EventKind.Committed], Kinds());
    }

    [Fact]
    public void A_trouble_that_lasts_is_told_once_and_so_is_its_end()
    {
        Deployed("v1");
        host.Repository.Trouble = FailureException.Transient("no route to host");
        for (var poll = 0; poll < 20; poll++)
        {
            host.Poll(Stack);
            host.Clock.Pass(TimeSpan.FromMinutes(3));
        }

        Assert.Equal([EventKind.Committed, EventKind.Waiting], Kinds());
        host.Repository.Trouble = null;
        host.Poll(Stack);
        host.Poll(Stack);

        Assert.Equal([EventKind.Committed, EventKind.Waiting, EventKind.Recovered], Kinds());
        Assert.Equal("no route to host", host.Journal.Announcements[1].Event.Message);
    }

    [Fact]
    public void A_source_that_says_no_is_told_once()
    {
        Deployed("v1");
        host.Repository.Trouble = FailureException.Rejected("the server refuses the credentials");
        for (var poll = 0; poll < 5; poll++)
        {
            host.Poll(Stack);
            host.Clock.Pass(TimeSpan.FromMinutes(3));
        }

        Assert.Equal([EventKind.Committed, EventKind.Rejected], Kinds());
    }

    [Fact]
    public void A_stalled_stack_is_told_when_its_rollback_fails_and_when_it_runs_again_but_not_at_each_try()
    {
        Deployed("v1");
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () =>
        {
            for (var time = 0; time < 4; time++) // twice while rolling back, then at each later try
            {
                host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "the disk is on fire")));
            }
        });
        Assert.IsType<Outcome.RollbackFailed>(host.Poll(Stack));
        Assert.Equal([EventKind.Committed, EventKind.RollbackFailed], Kinds());
        Assert.Equal([EventKind.Failed, EventKind.Quarantined], host.Journal.Announcements[1].Event.Also);
        Assert.Equal(["ops", "loud"], host.Journal.Announcements[1].Recipients);
        Assert.Null(host.Journal.Announcements[1].Event.Running); // nobody knows

        do
        {
            host.Clock.Pass(TimeSpan.FromMinutes(5));
        }
        while (host.Poll(Stack) is not Outcome.Committed);

        Assert.Equal(5, host.History.Count);
        Assert.Equal([EventKind.Committed, EventKind.RollbackFailed, EventKind.Recovered], Kinds());
    }

    [Fact]
    public void What_is_the_agents_own_goes_to_everyone_who_asked_for_it() =>
        Assert.Equal(["agent"], host.Announcer.OfAgent(EventKind.AgentStarted, "started", "", Some.Noon).Recipients);

    [Fact]
    public void A_suspension_is_told_with_its_reason()
    {
        var announcement = host.Announcer.OfSuspension(Stack, "holidays", Some.Noon);

        Assert.Equal((EventKind.Suspended, "holidays"), (announcement.Event.Kind, announcement.Event.Message));
    }

    [Fact]
    public void Secrets_of_the_release_are_neither_told_nor_remembered()
    {
        var stack = Stack with { Environment = new Dictionary<string, string> { ["DB_PASSWORD"] = "cannot" } }; // as the crashing image prints it
        host.Push("v1");
        host.Poll(stack);
        host.Push("v2", ImageBehaviour.Crashes);
        host.Poll(stack);

        var told = host.Journal.Announcements[^1].Event;
        Assert.Equal(EventKind.RolledBack, told.Kind);
        Assert.Contains(told.Evidence, evidence => evidence.Text == "*** reach the database\ngiving up");
        Assert.Contains(host.Last.Evidence, evidence => evidence.Text == "*** reach the database\ngiving up");
        Assert.DoesNotContain(host.Log, line => line.Contains("cannot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void However_the_agent_dies_a_deployment_that_ended_was_announced_once(bool isBad)
    {
        for (var instant = 0; ; instant++)
        {
            using var world = new FakeHost();
            world.Push("v1");
            world.Poll(Stack);
            world.Push("v2", isBad ? ImageBehaviour.Crashes : ImageBehaviour.Fine);
            world.Calls.KillAtInstant(instant);
            var wasKilled = false;
            try
            {
                world.Poll(Stack);
            }
            catch (AgentKilledException)
            {
                wasKilled = true;
            }

            world.Restart();
            world.Recover(Stack);
            world.Poll(Stack);

            Assert.Equal(
                world.History.Where(deployment => deployment.Result is DeploymentResult.Committed or DeploymentResult.RolledBack).Select(deployment => $"deployment/{deployment.Id}").Order(),
                world.Journal.Announcements.Select(announcement => announcement.Cause).Order());
            if (!wasKilled)
            {
                return;
            }
        }
    }

    private FakeCommit Deployed(string tag)
    {
        var commit = host.Push(tag);
        Assert.IsType<Outcome.Committed>(host.Poll(Stack));
        return commit;
    }

    private EventKind[] Kinds() => [.. host.Journal.Announcements.Select(announcement => announcement.Event.Kind)];

    private static NotifierSettings Notifier(string name, params EventKind[] on) => new(name, NotifierType.Slack, on);
}
