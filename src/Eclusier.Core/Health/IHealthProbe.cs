using Eclusier.Core.Stacks;

namespace Eclusier.Core.Health;

/// <summary>Runs a probe once.</summary>
public interface IHealthProbe
{
    /// <summary>Whatever the other side does is a result, never an exception; only cancellation and an unreachable engine (exec) throw.</summary>
    Task<ProbeResult> ProbeAsync(Stack stack, Probe probe, CancellationToken cancellationToken);
}
