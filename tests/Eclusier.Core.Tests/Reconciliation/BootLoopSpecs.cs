using Eclusier.Core.Deployments;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Something ends the agent each time it takes up the same deployment.</summary>
public sealed class BootLoopSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public BootLoopSpecs()
    {
        host.Push("v1");
        host.Poll();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void Two_starts_say_nothing_of_the_release()
    {
        DieInTheGate(starts: 1);

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void The_third_start_without_an_end_goes_back()
    {
        DieInTheGate(starts: 2, ImageBehaviour.HealthyOnceStarted(TimeSpan.FromDays(1)));

        Assert.Equal(1, Assert.IsType<Outcome.RolledBack>(host.Recover()).To);

        Assert.Contains("the agent ended 3 times while this release was tried", host.Last.Reason, StringComparison.Ordinal);
        Assert.True(host.Runs("web v1"));
        Assert.True(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void The_sixth_start_without_an_end_leaves_all_as_it_is_and_suspends_the_stack()
    {
        DieInTheRollback(starts: 5);
        var containers = host.Engine.Containers.Select(container => container.Id).ToList();
        host.Calls.Clear();

        Assert.IsType<Outcome.RollbackFailed>(host.Recover());

        Assert.Empty(host.Calls.Touches);
        Assert.Equal(containers, host.Engine.Containers.Select(container => container.Id));
        Assert.Contains("6 agents in a row ended before the deployment of release #2 was finished", host.State.Suspension!.Reason, StringComparison.Ordinal);
        Assert.Equal(DeploymentResult.RollbackFailed, host.Last.Result);
        Assert.Contains("is not healthy after 100 s", host.Last.Reason, StringComparison.Ordinal);
        Assert.Contains(host.Log, line => line.Contains("the stack is suspended", StringComparison.Ordinal));
        Assert.IsType<Outcome.Blocked>(host.Poll());
        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void Once_resumed_what_was_good_is_brought_back()
    {
        DieInTheRollback(starts: 5);
        host.Recover();
        host.Journal.Resume(Some.Shop);
        host.Clock.Pass(TimeSpan.FromMinutes(10));

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.Poll()).Release);

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void An_agent_that_was_told_to_stop_does_not_count()
    {
        DieInTheGate(starts: 0);
        for (var stop = 0; stop < 8; stop++)
        {
            using var stopping = new CancellationTokenSource();
            host.Clock.In(TimeSpan.FromSeconds(5), stopping.Cancel);
            Assert.ThrowsAny<OperationCanceledException>(() => host.RecoverUntil(stopping.Token));
            host.Recovery.NoteOrderlyStop(Some.Stack);
            host.Restart();
        }

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void Being_told_to_stop_while_applying_does_not_count_as_a_try()
    {
        host.Compose.UpTakes = TimeSpan.FromSeconds(30);
        host.Push("v2");
        for (var stop = 0; stop < 4; stop++)
        {
            using var stopping = new CancellationTokenSource();
            host.Calls.Before("up #2", stopping.Cancel);
            host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.Ambiguous, "`docker compose up` ended with exit code 130: canceled"))); // systemd told it, too
            Assert.ThrowsAny<OperationCanceledException>(() => stop == 0 ? host.Reconcile(Trigger.Poll, stopping: stopping.Token) : host.RecoverUntil(stopping.Token));
            host.Recovery.NoteOrderlyStop(Some.Stack);
            Assert.Equal(0, host.Last.Starts);
            host.Restart();
        }

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void The_count_begins_anew_with_the_next_deployment()
    {
        DieInTheGate(starts: 1);
        host.Recover();
        host.Push("v3", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        host.Clock.In(TimeSpan.FromSeconds(20), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        host.Restart();

        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    /// <summary>Killed in the gate, then at each of so many starts.</summary>
    private void DieInTheGate(int starts, ImageBehaviour? behaviour = null)
    {
        host.Push("v2", behaviour ?? ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(130)));
        host.Clock.In(TimeSpan.FromSeconds(20), host.Calls.Kill);
        Assert.Throws<AgentKilledException>(() => host.Poll());
        DieAtEachOf(starts, () => host.Clock.In(TimeSpan.FromSeconds(20), host.Calls.Kill));
    }

    private void DieInTheRollback(int starts)
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () => host.Calls.KillAfter("up #1"));
        Assert.Throws<AgentKilledException>(() => host.Poll());
        DieAtEachOf(starts, () => host.Calls.KillAfter("up #1"));
    }

    private void DieAtEachOf(int starts, Action prepare)
    {
        for (var start = 0; start < starts; start++)
        {
            host.Restart();
            prepare();
            Assert.Throws<AgentKilledException>(() => host.Recover());
        }

        host.Restart();
    }
}
