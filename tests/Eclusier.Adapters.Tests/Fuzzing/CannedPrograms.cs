using Eclusier.Adapters.Processes;

namespace Eclusier.Adapters.Tests.Fuzzing;

/// <summary>Programs that print what the test says.</summary>
internal sealed class CannedPrograms(Func<ProcessSpec, string> output) : IProcessRunner
{
    public int ExitCode { get; init; }

    public Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        var text = output(spec);
        return Task.FromResult(new ProcessResult(ExitCode, text, ExitCode == 0 ? "" : text, TimeSpan.Zero));
    }
}
