namespace Eclusier.Core.Reconciliation;

/// <summary>Limits how many deployments run at the same time, over all stacks.</summary>
public sealed class DeploymentSlots(int count) : IDisposable
{
    private readonly SemaphoreSlim free = new(count, count);

    /// <returns>Gives the slot back when disposed.</returns>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        return new Slot(free);
    }

    public void Dispose() => free.Dispose();

    private sealed class Slot(SemaphoreSlim free) : IDisposable
    {
        private int isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isGivenBack, 1) == 0)
            {
                free.Release();
            }
        }
    }
}
