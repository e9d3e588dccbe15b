using Eclusier.Core.Deployments;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>The host has started again: Docker gets a minute before anything is judged by what runs.</summary>
public sealed class BootGraceSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public BootGraceSpecs()
    {
        host.Push("v1");
        host.Poll();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void In_the_soak_what_the_reboot_stopped_is_no_failure()
    {
        host.Push("v2");
        DieAndReboot(seconds: 12, backAfter: TimeSpan.FromSeconds(40));

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void What_does_not_come_back_within_a_minute_is_started_by_the_agent()
    {
        host.Push("v2");
        DieAndReboot(seconds: 12, backAfter: null);
        var began = host.Clock.Elapsed;
        host.Calls.Clear();
        host.Calls.Before("up #2", () => Assert.Equal(BootGrace.Longest, host.Clock.Elapsed - began));

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Single(host.Calls.Of("up #2"));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void Where_all_runs_again_nothing_is_waited_for()
    {
        host.Push("v2");
        DieAndReboot(seconds: 12, backAfter: TimeSpan.Zero);
        var began = host.Clock.Elapsed;

        Assert.IsType<Outcome.Committed>(host.Recover());

        Assert.Equal(Some.Stack.Health.Soak, host.Clock.Elapsed - began);
    }

    [Fact]
    public void The_minute_begins_when_the_engine_answers_first()
    {
        host.Push("v2");
        DieAndReboot(seconds: 12, backAfter: null);
        host.Engine.IsAway = true;
        Assert.Throws<FailureException>(() => host.Recover());
        host.Clock.Pass(TimeSpan.FromMinutes(5));
        host.Engine.IsAway = false;
        var began = host.Clock.Elapsed;
        host.Calls.Before("up #2", () => Assert.Equal(BootGrace.Longest, host.Clock.Elapsed - began));

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void An_agent_that_dies_within_the_minute_leaves_it_to_the_next()
    {
        host.Push("v2");
        DieAndReboot(seconds: 12, backAfter: TimeSpan.FromSeconds(40));
        host.Clock.In(TimeSpan.FromSeconds(20), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Recover());
        host.Restart();

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void A_probe_that_fails_only_because_the_host_has_just_started_was_not_broken_before()
    {
        Reboot(backAfter: TimeSpan.FromSeconds(40));
        host.Restart();
        host.Push("v2", ImageBehaviour.AnswersBadly);

        Assert.IsType<Outcome.RolledBack>(host.Poll());
    }

    [Fact]
    public void Without_a_reboot_nothing_is_waited_for()
    {
        host.Engine.Containers[0].Stop();
        host.Push("v2");
        var began = host.Clock.Elapsed;

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.Equal(Some.Stack.Health.Soak, host.Clock.Elapsed - began);
    }

    private void DieAndReboot(int seconds, TimeSpan? backAfter)
    {
        host.Clock.In(TimeSpan.FromSeconds(seconds), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        Reboot(backAfter);
        host.Restart();
    }

    private void Reboot(TimeSpan? backAfter)
    {
        host.BootId = "second";
        var container = host.Engine.Containers.Single();
        container.Stop();
        if (backAfter is { } delay)
        {
            host.Clock.In(delay, () => container.Start(host.Clock.GetUtcNow()));
            if (delay == TimeSpan.Zero)
            {
                host.Clock.Pass(TimeSpan.FromSeconds(1));
            }
        }
    }
}
