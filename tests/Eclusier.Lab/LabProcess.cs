using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Eclusier.Lab;

/// <summary>How a command ended, and what it printed.</summary>
public sealed record CommandOutcome(string Command, int ExitCode, string Output, string Error)
{
    /// <returns>The output, without the white space around it.</returns>
    /// <exception cref="InvalidOperationException">The exit code is not 0.</exception>
    public string Succeeded() => ExitCode == 0
        ? Output.Trim()
        : throw new InvalidOperationException($"`{Command}`: exit code {ExitCode}\n{Output}{Error}");
}

/// <summary>A program that a test has started: what it prints is kept, and it does not outlive the test.</summary>
public sealed partial class LabProcess : IAsyncDisposable
{
    private static readonly TimeSpan RestOfOutput = TimeSpan.FromSeconds(2);

    private readonly Process process;
    private readonly Task reading;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> lines = [];
    private readonly List<string> output = [];
    private readonly List<string> error = [];
    private readonly Action<string>? onLine;

    private LabProcess(Process process, string command, Action<string>? onLine)
    {
        this.process = process;
        this.onLine = onLine;
        Command = command;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ended.TrySetResult();
        process.Start();
        Id = process.Id;
        process.StandardInput.Close();
        reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, error));
    }

    public int Id { get; }

    public string Command { get; }

    public bool HasExited => ended.Task.IsCompleted;

    /// <summary>It was stopped (SIGSTOP), and will go on when it is told to.</summary>
    public bool IsPaused => File.ReadAllText($"/proc/{Id}/stat").Split(") ")[^1][0] == 'T';

    /// <summary>Of both streams, as they came.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
            {
                return [.. lines];
            }
        }
    }

    /// <param name="environment">The whole environment; <c>null</c>: this process's own.</param>
    /// <param name="onLine">Called for each line as it comes, from any thread.</param>
    public static LabProcess Start(
        string program,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        string? workingDirectory = null,
        Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        return new LabProcess(new Process { StartInfo = start }, string.Join(' ', [program, .. start.ArgumentList]), onLine);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time, and was killed.</exception>
    public static async Task<CommandOutcome> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        string? workingDirectory = null,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        await using var process = Start(program, arguments, environment, workingDirectory);
        var exitCode = await process.WaitForExitAsync(within ?? TimeSpan.FromMinutes(1), cancellationToken);
        lock (process.lines)
        {
            return new CommandOutcome(process.Command, exitCode, Text(process.output), Text(process.error));
        }
    }

    /// <returns>The exit code; 128 and the signal's number when a signal ended it.</returns>
    /// <exception cref="TimeoutException">It did not end in time; it goes on.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        try
        {
            await ended.Task.WaitAsync(within, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"`{Command}` did not end within {within.TotalSeconds:0.#} s; it printed last: {(Lines is [.., var last] ? last : "nothing")}", exception);
        }

        // a child of it that lives on may hold the pipes open: what was printed until then is enough
        await Task.WhenAny(reading, Task.Delay(RestOfOutput, cancellationToken));
        return process.ExitCode;
    }

    /// <summary>Asks it to stop (SIGTERM); after the grace period it is killed.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan grace)
    {
        Signal(15);
        try
        {
            return await WaitForExitAsync(grace);
        }
        catch (TimeoutException)
        {
            return await KillAsync();
        }
    }

    /// <summary>Ends it as a crash or the kernel would (SIGKILL); what it has started lives on.</summary>
    public async Task<int> KillAsync()
    {
        Signal(9);
        return await WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Sends a signal, unless it has ended.</summary>
    public void Signal(int signal)
    {
        const int NoSuchProcess = 3; // it has just been waited for: that it has ended is told a moment later
        if (!HasExited && Kill(Id, signal) != 0 && Marshal.GetLastPInvokeError() is not NoSuchProcess and var error)
        {
            throw new InvalidOperationException($"signal {signal} to `{Command}` (pid {Id}) failed: error {error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, List<string> own)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines)
            {
                lines.Add(line);
                own.Add(line);
            }

            onLine?.Invoke(line);
        }
    }

    private static string Text(List<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);
}
