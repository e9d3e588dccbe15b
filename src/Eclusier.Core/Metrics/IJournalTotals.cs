using Eclusier.Core.Deployments;

namespace Eclusier.Core.Metrics;

/// <summary>Adds up what the journal remembers of deployments.</summary>
public interface IJournalTotals
{
    JournalTotals Read();
}

/// <summary>All that ended, since the journal was begun.</summary>
public sealed record JournalTotals(
    IReadOnlyList<DeploymentCount> Deployments, IReadOnlyDictionary<DeploymentResult, Distribution> Durations, IReadOnlyDictionary<Step, Distribution> Steps)
{
    public static readonly IReadOnlyList<double> Bounds = [0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
}

/// <summary>How many deployments of a stack ended so.</summary>
public sealed record DeploymentCount(string Stack, DeploymentResult Result, long Count);
