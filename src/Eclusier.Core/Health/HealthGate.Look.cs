using Eclusier.Core.Engine;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Health;

/// <content>What it sees when it looks.</content>
public sealed partial class HealthGate
{
    /// <summary>What one look saw.</summary>
    private sealed record Look(IReadOnlyList<Finding> Findings, IReadOnlyList<ProbedResult> FailedProbes, LiveStack Live)
    {
        public bool IsDisturbed => Findings.Any(finding => finding.IsMissing);

        public bool IsClean => Findings.Count == 0 && FailedProbes.Count == 0;

        public string Summary => IsClean
            ? "passing"
            : string.Join("; ", Findings.Select(finding => finding.ToString()).Concat(FailedProbes.Select(failed => failed.ToString())));
    }

    private sealed record ProbedResult(Probe Probe, ProbeResult Result)
    {
        public override string ToString() => $"{Probe.Title}: {Result.Detail}";
    }
}
