using Eclusier.Core.Liveness;

namespace Eclusier.Core.Reconciliation;

/// <summary>Limits how many deployments run at the same time, over all stacks.</summary>
public sealed class DeploymentSlots(int count) : IDisposable
{
    private readonly SemaphoreSlim free = new(count);
    private readonly Lock gate = new();
    private int count = count;
    private int owed; // slots that are fewer now, and are in use: not given back but done away with

    /// <returns>Gives the slot back when disposed.</returns>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        using var expected = SignsOfLife.Expect("a free slot for the deployment", atMost: null);
        await free.WaitAsync(cancellationToken);
        return new Slot(this);
    }

    /// <summary>From now on so many. What runs goes on, also when there are more of them.</summary>
    public void Resize(int newCount)
    {
        lock (gate)
        {
            for (; count < newCount; count++)
            {
                GiveBack();
            }

            for (; count > newCount; count--)
            {
                owed += free.Wait(0, CancellationToken.None) ? 0 : 1;
            }
        }
    }

    public void Dispose() => free.Dispose();

    private void GiveBack()
    {
        lock (gate)
        {
            if (owed > 0)
            {
                owed--;
            }
            else
            {
                free.Release();
            }
        }
    }

    private sealed class Slot(DeploymentSlots slots) : IDisposable
    {
        private int isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isGivenBack, 1) == 0)
            {
                slots.GiveBack();
            }
        }
    }
}
