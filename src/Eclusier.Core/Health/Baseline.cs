namespace Eclusier.Core.Health;

/// <summary>What was so before a release was applied.</summary>
/// <param name="Restarts">How often each container had been restarted, by id.</param>
/// <param name="FailingProbes">Titles of probes that failed already.</param>
public sealed record Baseline(IReadOnlyDictionary<string, long> Restarts, IReadOnlyList<string> FailingProbes);
