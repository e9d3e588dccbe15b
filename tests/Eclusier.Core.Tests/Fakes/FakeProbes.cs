using Eclusier.Core.Health;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Probes answered by what runs: they pass while something runs and all that runs answers.</summary>
public sealed class FakeProbes(CallLog calls, FakeEngine engine) : IHealthProbe
{
    /// <summary>Probes that fail whatever runs, by title.</summary>
    public Dictionary<string, string> Failing { get; } = [];

    public int Attempts { get; private set; }

    public Task<ProbeResult> ProbeAsync(Stack stack, Probe probe, CancellationToken cancellationToken)
    {
        calls.Ask();
        Attempts++;
        if (probe is Probe.Exec)
        {
            engine.ThrowIfAway();
        }

        return Task.FromResult(Failing.TryGetValue(probe.Title, out var detail) ? new ProbeResult(false, detail)
            : engine.Answers(stack.Project) is { } answers ? (answers ? new ProbeResult(true, "HTTP 200") : new ProbeResult(false, "HTTP 500: oops"))
            : new ProbeResult(false, "connection refused"));
    }
}
