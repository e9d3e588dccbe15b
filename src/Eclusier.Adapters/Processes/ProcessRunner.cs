using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using CliWrap;
using Eclusier.Core.Deployments;
using Eclusier.Core.Liveness;

namespace Eclusier.Adapters.Processes;

/// <summary>Runs programs through CliWrap, each as leader of a process group of its own.</summary>
/// <param name="stateDirectory">Of the agent that its programs belong to: should it die, they are found by it (<see cref="OrphanedProcesses"/>).</param>
/// <remarks>
/// .NET cannot ask for a new group, so the program is started by <c>setsid</c>, which makes one and then becomes the program:
/// the pid stays the same. A signal to the negative pid reaches the program and all it started.
/// </remarks>
public sealed partial class ProcessRunner(TimeProvider timeProvider, string? stateDirectory = null) : IProcessRunner
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly string? mark = stateDirectory is null ? null : ChildMark.Of(stateDirectory).ToString();

    public async Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var output = new BoundedText(spec.MaxOutputBytes);
        var error = new BoundedText(spec.MaxOutputBytes);
        var command = Cli.Wrap("setsid")
            .WithArguments([spec.FileName, .. spec.Arguments])
            .WithEnvironmentVariables(EnvironmentOf(spec))
            .WithStandardInputPipe(spec.StandardInput is null ? PipeSource.Null : PipeSource.FromString(spec.StandardInput))
            .WithStandardOutputPipe(PipeTarget.Create(output.ReadFromAsync))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(line => { error.AppendLine(line); spec.OnErrorLine?.Invoke(line); }))
            .WithValidation(CommandResultValidation.None);
        if (spec.WorkingDirectory is not null)
        {
            command = command.WithWorkingDirectory(spec.WorkingDirectory);
        }

        using var expected = SignsOfLife.Expect(spec.FileName, spec.TimeLimit);
        using var lastResort = new CancellationTokenSource();
        var started = timeProvider.GetTimestamp();
        CommandTask<CommandResult> running;
        try
        {
            running = command.ExecuteAsync(lastResort.Token);
        }
        catch (Win32Exception exception)
        {
            throw FailureException.Rejected($"'{spec.FileName}' could not be started: {exception.Message}", exception);
        }

        try
        {
            var result = await running.Task.WaitAsync(spec.TimeLimit, timeProvider, cancellationToken);
            if (result.ExitCode is 126 or 127 && error.ToString().StartsWith("setsid: ", StringComparison.Ordinal)) // the rest is in the host's language
            {
                throw FailureException.Rejected($"'{spec.FileName}' is not installed or may not be run: {error.ToString().Trim()}");
            }

            return new ProcessResult(result.ExitCode, output.ToString(), error.ToString(), timeProvider.GetElapsedTime(started));
        }
        catch (TimeoutException exception)
        {
            await EndGroupAsync(running, lastResort);
            throw FailureException.Transient($"`{spec}` did not end within {spec.TimeLimit.TotalSeconds:0.#} s and was stopped; it said last: {LastLine(error)}", exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await EndGroupAsync(running, lastResort);
            throw;
        }
    }

    private async Task EndGroupAsync(CommandTask<CommandResult> running, CancellationTokenSource lastResort)
    {
        Signal(running.ProcessId, 15);
        try
        {
            await running.Task.WaitAsync(Grace, timeProvider);
        }
        catch (TimeoutException)
        {
            Signal(running.ProcessId, 9);
            await lastResort.CancelAsync();
            await running.Task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static void Signal(int group, int signal) => _ = Kill(-group, signal);

    private Dictionary<string, string?> EnvironmentOf(ProcessSpec spec)
    {
        // CliWrap starts from the agent's own environment: what is not named here is taken out (a null value does that)
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>().ToDictionary(name => name, string? (_) => null);
        foreach (var name in spec.Inherited)
        {
            environment[name] = Environment.GetEnvironmentVariable(name);
        }

        foreach (var (name, value) in spec.Environment)
        {
            environment[name] = value;
        }

        environment[ChildMark.Variable] = mark;
        return environment;
    }

    private static string LastLine(BoundedText text) =>
        text.ToString().Split('\n').LastOrDefault(line => line.Trim().Length > 0)?.Trim() is { Length: > 0 } line ? line : "(nothing)";

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    /// <summary>Keeps the last so many characters of what is written to it.</summary>
    private sealed class BoundedText(int limit)
    {
        private readonly StringBuilder text = new();

        public void AppendLine(string line) => Append($"{line}\n");

        /// <summary>As it comes: NULs, carriage returns and a missing last line end are kept.</summary>
        public async Task ReadFromAsync(Stream stream, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
            var buffer = new char[8192];
            int count;
            while ((count = await reader.ReadAsync(buffer, cancellationToken)) > 0)
            {
                Append(buffer.AsSpan(0, count));
            }
        }

        private void Append(ReadOnlySpan<char> more)
        {
            lock (text)
            {
                text.Append(more);
                if (text.Length > limit)
                {
                    text.Remove(0, text.Length - limit);
                }
            }
        }

        public override string ToString()
        {
            lock (text)
            {
                return text.ToString();
            }
        }
    }
}
