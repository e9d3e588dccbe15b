using Eclusier.Core.Reconciliation;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class DeploymentSlotsSpecs : IDisposable
{
    private readonly DeploymentSlots slots = new(2);

    public void Dispose() => slots.Dispose();

    [Fact]
    public async Task As_many_as_allowed_run_at_once_and_the_next_waits_for_a_free_slot()
    {
        var first = await slots.TakeAsync(TestContext.Current.CancellationToken);
        using var second = await slots.TakeAsync(TestContext.Current.CancellationToken);
        var third = slots.TakeAsync(TestContext.Current.CancellationToken);
        Assert.False(third.IsCompleted);

        first.Dispose();

        using (await third.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))
        {
            Assert.False(slots.TakeAsync(TestContext.Current.CancellationToken).IsCompleted);
        }
    }

    [Fact]
    public async Task A_slot_that_is_given_back_twice_counts_once()
    {
        var first = await slots.TakeAsync(TestContext.Current.CancellationToken);
        using var second = await slots.TakeAsync(TestContext.Current.CancellationToken);

        first.Dispose();
        first.Dispose();

        using var third = await slots.TakeAsync(TestContext.Current.CancellationToken);
        Assert.False(slots.TakeAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task Waiting_for_a_slot_can_be_given_up_without_losing_one()
    {
        using var first = await slots.TakeAsync(TestContext.Current.CancellationToken);
        var second = await slots.TakeAsync(TestContext.Current.CancellationToken);
        using var stopping = new CancellationTokenSource();
        var waiting = slots.TakeAsync(stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        second.Dispose();

        Assert.True(slots.TakeAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task There_may_be_more_and_fewer_of_them_while_some_are_in_use()
    {
        var token = TestContext.Current.CancellationToken;
        var first = await slots.TakeAsync(token);
        var second = await slots.TakeAsync(token);
        var third = slots.TakeAsync(token);

        slots.Resize(3);
        (await third.WaitAsync(TimeSpan.FromSeconds(10), token)).Dispose();
        slots.Resize(1);
        var next = slots.TakeAsync(token);
        first.Dispose(); // one is in use still: as many as there are
        Assert.False(next.IsCompleted);
        second.Dispose();

        using (await next.WaitAsync(TimeSpan.FromSeconds(10), token))
        {
            Assert.False(slots.TakeAsync(token).IsCompleted);
        }
    }
}
