using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>What passes by itself is tried again for ever; nothing is touched, nothing goes into quarantine.</summary>
public sealed class UnavailabilitySpecs : IDisposable
{
    private static readonly FailureException Offline = FailureException.Transient("https://git.test does not answer: no route to host");

    private readonly FakeHost host = new();

    public UnavailabilitySpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_server_that_is_away_opens_no_deployment_and_the_status_says_since_when()
    {
        var since = host.Clock.GetUtcNow();
        host.Repository.Trouble = Offline;
        host.Poll();
        host.Clock.Pass(TimeSpan.FromHours(1));

        Assert.IsType<Outcome.Unavailable>(host.Poll());

        Assert.Equal((FailureKind.Transient, Offline.Message, since, 2), (host.State.Trouble!.Kind, host.State.Trouble.Message, host.State.Trouble.Since, host.State.Trouble.Attempts));
        Assert.Single(host.History);
        host.Repository.Trouble = null;
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.Null(host.State.Trouble);
    }

    [Fact]
    public void A_registry_that_is_away_for_hours_is_one_open_deployment_and_then_a_commit()
    {
        host.Push("v2");
        host.Registry.Trouble = FakeRegistry.Down;
        for (var pass = 0; pass < 100; pass++)
        {
            Assert.IsType<Outcome.Unavailable>(host.Poll());
            host.Clock.Pass(TimeSpan.FromMinutes(3));
        }

        Assert.Equal(2, host.History.Count);
        Assert.Equal(3, host.Last.Steps.Count);
        Assert.Empty(host.Calls.Touches);
        host.Registry.Trouble = null;
        Assert.IsType<Outcome.Committed>(host.Poll());
        Assert.Equal(2, host.History.Count);
    }

    [Fact]
    public void An_engine_that_is_away_before_anything_is_touched_is_waited_for_by_trying_again()
    {
        host.Push("v2");
        host.Engine.IsAway = true;

        Assert.IsType<Outcome.Unavailable>(host.Poll());

        Assert.Empty(host.Calls.Touches);
        host.Engine.IsAway = false;
        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void A_newer_commit_replaces_what_could_not_be_reached()
    {
        host.Push("v2");
        host.Registry.Trouble = FakeRegistry.Down;
        host.Poll();
        host.Push("v3");
        host.Registry.Trouble = null;

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal([DeploymentResult.Committed, DeploymentResult.Superseded, DeploymentResult.Committed], host.History.Select(deployment => deployment.Result!.Value));
        Assert.True(host.Runs("web v3"));
    }

    [Fact]
    public void A_port_that_another_project_holds_is_found_before_anything_is_touched()
    {
        PushWithPort();
        host.Engine.ForeignPorts.Add(new PortHolder(new HostPort("0.0.0.0", 8080, "tcp"), "blog-web-1"));

        var outcome = Assert.IsType<Outcome.Unavailable>(host.Poll());

        Assert.Equal("port 0.0.0.0:8080/tcp of service web is taken by container blog-web-1", outcome.Message);
        Assert.Empty(host.Calls.Touches);
        Assert.Empty(host.Calls.Of("publish"));
        Assert.Empty(host.Calls.Of("tag"));
        host.Engine.ForeignPorts.Clear();
        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void A_port_that_a_program_holds_is_found_before_anything_is_touched()
    {
        PushWithPort();
        host.Ports.Listening.Add(new HostPort("127.0.0.1", 8080, "tcp"));

        Assert.Equal("port 0.0.0.0:8080/tcp of service web is taken by a program on this host", Assert.IsType<Outcome.Unavailable>(host.Poll()).Message);

        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void A_disk_that_is_full_in_the_middle_of_a_trial_fails_no_release()
    {
        host.Push("v2");
        host.Clock.In(TimeSpan.FromSeconds(12), () => host.Journal.Trouble = FailureException.Transient("the database cannot be written: the disk is full"));

        Assert.Throws<FailureException>(() => host.Poll()); // not even the check can be written down

        Assert.True(host.Runs("web v2"));
        Assert.True(host.Last.IsOpen);
        host.Journal.Trouble = null;
        host.Poll();
        Assert.Equal((DeploymentResult.Committed, 2), (host.Last.Result, host.State.LastKnownGood));
    }

    [Theory]
    [InlineData("journal: end apply")]
    [InlineData("journal: begin health-gate")]
    [InlineData("journal: end soak")]
    [InlineData("journal: close committed")]
    public void A_journal_that_cannot_be_written_for_a_moment_fails_no_release(string call)
    {
        host.Push("v2");
        host.Calls.Before(call, () => host.Journal.NextTrouble = FailureException.Transient("the database is held by another program"));

        Assert.IsType<Outcome.Unavailable>(host.Poll());

        host.Poll();
        Assert.Equal((DeploymentResult.Committed, 2), (host.Last.Result, host.State.LastKnownGood));
        Assert.DoesNotContain(host.Calls.All, call => call == "up #1");
    }

    [Fact]
    public void A_deployment_that_touched_the_host_is_finished_before_a_newer_commit_is_looked_at()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Clock.In(TimeSpan.FromSeconds(50), () => host.Journal.Trouble = FailureException.Transient("the disk is full"));
        Assert.Throws<FailureException>(() => host.Poll());
        host.Repository.CommitBroken(FailureException.Rejected("a mistake"));
        host.Journal.Trouble = null;

        Assert.IsType<Outcome.Rejected>(host.Poll());

        Assert.Equal(DeploymentResult.RolledBack, host.History[1].Result);
        Assert.True(host.Runs("web v1"));
    }

    private void PushWithPort()
    {
        host.Registry.Push("registry.test/web:v2", "web v2");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")).With("web", "ports", new JsonArray(new JsonObject { ["target"] = 80, ["published"] = "8080", ["protocol"] = "tcp" })));
    }
}
