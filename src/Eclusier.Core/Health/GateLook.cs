using Eclusier.Core.Engine;

namespace Eclusier.Core.Health;

/// <summary>What one look of the health gate saw.</summary>
internal sealed record GateLook(IReadOnlyList<Finding> Findings, IReadOnlyList<ProbedResult> FailedProbes, LiveStack Live)
{
    public bool IsDisturbed => Findings.Any(finding => finding.IsMissing);

    public bool IsClean => Findings.Count == 0 && FailedProbes.Count == 0;

    public string Summary => IsClean
        ? "passing"
        : string.Join("; ", Findings.Select(finding => finding.ToString()).Concat(FailedProbes.Select(failed => failed.ToString())));
}
