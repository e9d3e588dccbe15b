using Eclusier.Core.Deployments;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>The agent is told to stop, by a person or because the host shuts down.</summary>
public sealed class ShutdownSpecs : IDisposable
{
    private readonly FakeHost host = new();
    private readonly CancellationTokenSource stopping = new();

    public ShutdownSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose()
    {
        host.Dispose();
        stopping.Dispose();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(55)]
    public void The_health_gate_and_the_soak_end_at_once_and_are_taken_up_again(int seconds)
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        StopIn(seconds);
        var began = host.Clock.Elapsed;

        ExpectStop();

        Assert.Equal(TimeSpan.FromSeconds(seconds), host.Clock.Elapsed - began);
        Assert.True(host.Last.IsOpen);
        host.Restart();
        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void A_running_up_reaches_its_end()
    {
        host.Compose.UpTakes = TimeSpan.FromSeconds(40);
        host.Push("v2");
        StopIn(10);

        ExpectStop();

        Assert.True(host.Runs("web v2"));
        Assert.True(host.Last.Steps.Single(step => step.Step == Step.Apply).Succeeded);
        host.Restart();
        Assert.IsType<Outcome.Committed>(host.Recover());
        Assert.Single(host.Calls.Of("up #2"));
    }

    [Fact]
    public void An_up_that_the_shutdown_ended_is_no_failed_release()
    {
        host.Push("v2");
        host.Calls.Before("up #2", stopping.Cancel);
        host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "`docker compose up` ended with exit code 1: context canceled")));

        ExpectStop();

        Assert.True(host.Last.IsOpen);
        host.Restart();
        Assert.IsType<Outcome.Committed>(host.Recover());
    }

    [Fact]
    public void Containers_that_the_shutdown_ended_are_no_failed_release()
    {
        host.Push("v2", ImageBehaviour.Crashes);
        host.Engine.OnReadLogs = stopping.Cancel; // the verdict is made, nothing has been done about it

        ExpectStop();

        Assert.True(host.Last.IsOpen);
        Assert.Empty(host.Calls.Of("up #1"));
    }

    [Fact]
    public void A_rollback_gets_a_minute_to_finish()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("up #1", stopping.Cancel);

        Assert.IsType<Outcome.RolledBack>(host.Reconcile(Trigger.Poll, stopping: stopping.Token));

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_rollback_that_lasts_longer_is_left_to_the_next_agent()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        var told = TimeSpan.Zero;
        host.Calls.Before("up #1", () =>
        {
            (host.Engine.IsAway, told) = (true, host.Clock.Elapsed);
            stopping.Cancel();
        });

        ExpectStop();

        Assert.True(host.Last.IsOpen);
        Assert.Equal(Rollback.TimeToStop, host.Clock.Elapsed - told);
        host.Restart();
        host.Engine.IsAway = false;
        var outcome = Assert.IsType<Outcome.RolledBack>(host.Recover());
        Assert.Contains("is not healthy after 100 s", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(host.Last.Evidence);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_rollback_that_fails_while_the_host_shuts_down_has_not_failed()
    {
        host.Push("v2", ImageBehaviour.AnswersBadly);
        host.Calls.Before("journal: begin roll-back", () =>
        {
            stopping.Cancel();
            host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "`docker compose up` ended with exit code 1: context canceled")));
        });

        ExpectStop();

        Assert.True(host.Last.IsOpen);
        host.Restart();
        Assert.IsType<Outcome.RolledBack>(host.Recover());
    }

    private void StopIn(int seconds) => host.Clock.In(TimeSpan.FromSeconds(seconds), stopping.Cancel);

    private void ExpectStop()
    {
        try
        {
            var outcome = host.Reconcile(Trigger.Poll, stopping: stopping.Token);
            Assert.IsType<Outcome.Unavailable>(outcome); // the worker ends with it, too
        }
        catch (OperationCanceledException)
        {
            Assert.True(stopping.IsCancellationRequested);
        }
    }
}
