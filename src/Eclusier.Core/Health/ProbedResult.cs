using Eclusier.Core.Stacks;

namespace Eclusier.Core.Health;

/// <summary>A probe with its answer.</summary>
internal sealed record ProbedResult(Probe Probe, ProbeResult Result)
{
    public override string ToString() => $"{Probe.Title}: {Result.Detail}";
}
