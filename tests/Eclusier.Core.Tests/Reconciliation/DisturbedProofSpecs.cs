using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Somebody removes or renames a project's containers while a release is put to the proof: that is no fault of the release.</summary>
public sealed class DisturbedProofSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public DisturbedProofSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_container_that_is_removed_at_the_gate_is_brought_back_and_the_gate_begins_anew()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(70)));
        TakeAwayIn(60);

        Assert.IsType<Outcome.Committed>(host.Poll()); // 60 s and 70 s would have been too long for one gate

        Assert.Equal(["up #2", "up #2"], host.Calls.Of("up"));
        Assert.True(host.Runs("web v2"));
        Assert.False(host.Journal.FindRelease(Some.Shop, 2)!.IsQuarantined);
    }

    [Fact]
    public void A_container_that_is_removed_in_the_soak_is_brought_back_and_the_proof_begins_anew()
    {
        host.Push("v2");
        TakeAwayIn(1);
        var stack = Some.Stack with { Health = Some.Stack.Health with { Soak = TimeSpan.FromSeconds(60) } };

        Assert.IsType<Outcome.Committed>(host.Poll(stack));

        Assert.Equal(["up #2", "up #2"], host.Calls.Of("up"));
        Assert.Equal([Step.HealthGate, Step.Soak, Step.HealthGate, Step.Soak], host.Last.Steps.Select(step => step.Step).Where(step => step is Step.HealthGate or Step.Soak));
    }

    [Fact]
    public void What_vanishes_again_and_again_is_rolled_back_and_told()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(90)));
        for (var second = 5; second < 200; second += 5)
        {
            host.Clock.In(TimeSpan.FromSeconds(second), () => host.Engine.Containers.RemoveAll(container => container.Image.EndsWith(Some.Digest("web v2"), StringComparison.Ordinal)));
        }

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.Equal(["up #2", "up #2", "up #2", "up #1"], host.Calls.Of("up"));
        Assert.Contains($"brought back {ReleaseProof.MostRestores} times", host.Last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_is_removed_while_a_rollback_is_verified_does_not_cost_the_way_back()
    {
        host.Push("v2", ImageBehaviour.CannotStart);
        var stack = Some.Stack with { Health = Some.Stack.Health with { Soak = TimeSpan.FromSeconds(60) } };
        host.Clock.In(TimeSpan.FromSeconds(20), () => host.Engine.Containers.Clear());

        Assert.Equal(1, Assert.IsType<Outcome.RolledBack>(host.Poll(stack)).To);

        Assert.Equal(["up #2", "up #1", "up #1"], host.Calls.Of("up"));
        Assert.Single(host.Last.Steps, step => step.Step == Step.RollBack); // not a second try
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void One_that_is_seen_killed_just_before_it_is_gone_is_no_crash()
    {
        var image = "registry.test/web:v2";
        host.Registry.Push(image, "web v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        host.Repository.Commit(Some.Model(("web", image)).With("web", "restart", "no"));
        host.Clock.In(TimeSpan.FromSeconds(9.8), () => host.Engine.Containers[0].Stop());
        host.Clock.In(TimeSpan.FromSeconds(10.3), () => host.Engine.Containers.Clear());

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void One_that_stays_killed_is()
    {
        var image = "registry.test/web:v2";
        host.Registry.Push(image, "web v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(50)));
        host.Repository.Commit(Some.Model(("web", image)).With("web", "restart", "no"));
        host.Clock.In(TimeSpan.FromSeconds(9.8), () => host.Engine.Containers[0].Stop());

        Assert.IsType<Outcome.RolledBack>(host.Poll());
    }

    [Fact]
    public void A_container_that_is_renamed_at_the_gate_keeps_running_and_has_its_name_back_afterwards()
    {
        host.Push("v2", ImageBehaviour.HealthyOnceStarted(TimeSpan.FromSeconds(30)));
        host.Clock.In(TimeSpan.FromSeconds(12), () => host.Engine.Containers[0].Name = "mine");

        Assert.IsType<Outcome.Committed>(host.Poll());
        var id = host.Engine.Containers[0].Id;
        host.LookForDrift();

        Assert.Equal((id, "shop-web-1"), (host.Engine.Containers[0].Id, host.Engine.Containers[0].Name));
    }

    private void TakeAwayIn(double seconds) => host.Clock.In(TimeSpan.FromSeconds(seconds), () => host.Engine.Containers.Clear());
}
