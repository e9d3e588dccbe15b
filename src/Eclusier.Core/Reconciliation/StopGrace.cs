namespace Eclusier.Core.Reconciliation;

/// <summary>A stop that is heeded later: what must not be cut short gets some time from when the agent is told to stop.</summary>
internal sealed class StopGrace : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly CancellationTokenRegistration registration;
    private ITimer? timer;

    public StopGrace(TimeSpan grace, TimeProvider timeProvider, CancellationToken stopping) => registration = stopping.Register(() =>
        timer = timeProvider.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), source, grace, Timeout.InfiniteTimeSpan));

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        registration.Dispose();
        timer?.Dispose();
        source.Dispose();
    }
}
