using Eclusier.Core.Deployments;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class SuspensionSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public SuspensionSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Journal.Suspend(Some.Shop, "holidays", host.Clock.GetUtcNow());
        host.Push("v2");
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_suspended_stack_is_looked_at_but_not_deployed()
    {
        Assert.Equal("suspended: holidays", Assert.IsType<Outcome.Blocked>(host.Poll()).Message);

        Assert.Equal(["journal: head", "journal: check"], host.Calls.All);
        Assert.Equal(host.Repository.Heads["main"].Id, host.State.SeenHead!.Commit);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_command_does_not_deploy_it_either_not_even_by_force()
    {
        Assert.IsType<Outcome.Blocked>(host.Deploy());
        Assert.IsType<Outcome.Blocked>(host.Deploy(force: true));

        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void What_came_meanwhile_is_deployed_after_resuming()
    {
        host.Poll();
        host.Restart();
        host.Recover();
        host.Journal.Resume(Some.Shop);

        Assert.IsType<Outcome.Committed>(host.Poll());

        Assert.True(host.Runs("web v2"));
    }
}
