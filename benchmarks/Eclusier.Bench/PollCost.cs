using System.Globalization;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What looking for something new costs when there is nothing new.</summary>
/// <param name="Processes">Per poll.</param>
internal sealed record PollCost(int Polls, double CpuMilliseconds, double Processes)
{
    /// <summary>The agent, polling its stack each second.</summary>
    public static async Task<PollCost> OfAgentAsync(EclusierHost host, string stack, TimeSpan within, CancellationToken cancellationToken)
    {
        int CountPolls() => host.Journal.Count(line => line.Contains($"{stack}: Checking for updates", StringComparison.Ordinal));
        try
        {
            return await MeasureAsync(host.DaemonId, CountPolls, host.Folder, within, cancellationToken);
        }
        catch (IOException exception) when (!host.IsRunning)
        {
            throw new InvalidOperationException($"the daemon ended; it said last: {string.Join(" / ", host.Journal.TakeLast(5))}", exception);
        }
    }

    /// <summary>A shell script as the one that Eclusier takes the place of: fetch, compare, sleep.</summary>
    public static async Task<PollCost> OfShellLoopAsync(EclusierHost host, string repository, TimeSpan within, CancellationToken cancellationToken)
    {
        const string Loop = """
            while true; do
                git fetch --quiet origin main
                here=$(git rev-parse HEAD)
                there=$(git rev-parse origin/main)
                if [ "$here" != "$there" ]; then echo "new commit $there"; fi
                echo checked
                sleep 1
            done
            """;
        var clone = Path.Combine(host.Folder, "clone");
        await Tool.RunAsync("git", "clone", "--quiet", repository, clone);
        await using var shell = LabProcess.Start("bash", ["-c", Loop], host.Environment, clone);
        var cost = await MeasureAsync(shell.Id, () => shell.Lines.Count(line => line == "checked"), host.Folder, within, cancellationToken);
        return shell.Lines.FirstOrDefault(line => line != "checked") is { } trouble ? throw new InvalidOperationException($"the shell loop said: {trouble}")
            : cost.Processes < 1 ? throw new InvalidOperationException("strace saw no process of the shell loop")
            : cost;
    }

    private static async Task<PollCost> MeasureAsync(int process, Func<int> countPolls, string folder, TimeSpan within, CancellationToken cancellationToken)
    {
        await NextPollAsync(countPolls, cancellationToken); // settled: the first one may have been more than a poll
        var (cpu, polls) = (ProcessCost.CpuMilliseconds(process), countPolls());
        await Task.Delay(within, cancellationToken);
        (cpu, polls) = (ProcessCost.CpuMilliseconds(process) - cpu, countPolls() - polls);
        return polls > 0
            ? new PollCost(polls, cpu / polls, await CountProcessesAsync(process, countPolls, folder, cancellationToken))
            : throw new InvalidOperationException($"no poll within {within.TotalSeconds} s");
    }

    /// <summary>Counts, over some polls of their own, the programs that are started: watching them would spoil the time they take.</summary>
    private static async Task<double> CountProcessesAsync(int process, Func<int> countPolls, string folder, CancellationToken cancellationToken)
    {
        const int Watched = 10;
        var log = Path.Combine(folder, $"strace-{process}");
        await using var strace = LabProcess.Start("strace", ["-f", "-qq", "--trace=execve", "--signal=none", "--status=successful", "--output", log, "--attach", process.ToString(CultureInfo.InvariantCulture)]);
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        var trouble = strace.HasExited ? string.Join(' ', strace.Lines) : null;
        var first = countPolls();
        await Wait.UntilAsync($"{Watched} polls are over", TimeSpan.FromSeconds(60), () => Task.FromResult(countPolls() >= first + Watched), cancellationToken);
        var polls = countPolls() - first;
        strace.Signal(15); // detaches
        await strace.WaitForExitAsync(TimeSpan.FromSeconds(10), cancellationToken);

        // `setsid git …` is one process: it becomes the other
        var processes = File.ReadLines(log).Where(line => line.Contains("execve(", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).Distinct().Count();
        return trouble is null ? (double)processes / polls : throw new InvalidOperationException($"strace cannot watch: {trouble}");
    }

    private static async Task NextPollAsync(Func<int> countPolls, CancellationToken cancellationToken)
    {
        var now = countPolls();
        await Wait.UntilAsync("the next poll", TimeSpan.FromSeconds(60), () => Task.FromResult(countPolls() > now + 1), cancellationToken);
    }
}
