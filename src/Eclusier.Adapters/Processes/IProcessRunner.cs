using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Processes;

/// <summary>Starts programs: the only place that does.</summary>
public interface IProcessRunner
{
    /// <summary>Runs to the end, or until the time limit or cancellation ends its whole process group (SIGTERM, then SIGKILL).</summary>
    /// <returns>Whatever the exit code is: the caller decides what it means.</returns>
    /// <exception cref="FailureException">Transient: the time limit ended it. Rejected: the program is not installed or may not be started.</exception>
    Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken);
}

/// <summary>A command as a list: nothing is quoted, split or passed through a shell.</summary>
public sealed record ProcessSpec(string FileName, params IReadOnlyList<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables on top of the clean base; a <c>null</c> value leaves one out.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The agent's own variables that the program may see. Everything else is left out.</summary>
    public IReadOnlyList<string> Inherited { get; init; } = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes for its standard input; <c>null</c>: none.</summary>
    public string? StandardInput { get; init; }

    /// <summary>More of the output than this is cut, at the front.</summary>
    public int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Called for each line of standard error as it comes, or <c>null</c>.</summary>
    public Action<string>? OnErrorLine { get; init; }

    public override string ToString() => string.Join(' ', [FileName, .. Arguments]);
}

/// <summary>How a program ended.</summary>
public sealed record ProcessResult(int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line of standard error that is not empty: what programs end with is what matters.</summary>
    public string LastErrorLine => StandardError.Split('\n').LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "";
}
