using System.Globalization;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>What looking for something new costs when there is nothing new; each number is of one poll.</summary>
/// <param name="Bytes">Both ways, between it and the git server.</param>
/// <param name="Threads">CPU milliseconds by the names of the process's own threads, the most first.</param>
internal sealed record PollCost(int Polls, double CpuMilliseconds, double Processes, double Requests, double Bytes, IReadOnlyList<(string Name, double Milliseconds)> Threads)
{
    private const int Watched = 10;

    public static async Task<PollCost> MeasureAsync(Watcher watcher, CountingRelay relay, string folder, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await watcher.NextLookAsync(cancellationToken);
            await watcher.NextLookAsync(cancellationToken); // settled: the first one may have been more than a poll
            var before = Reading.Of(watcher, relay);
            await Task.Delay(within, cancellationToken);
            var after = Reading.Of(watcher, relay);
            double polls = after.Polls - before.Polls;
            var cpu = after.CpuMilliseconds - before.CpuMilliseconds;
            var threads = after.Threads.Select(thread => (Name: thread.Key, Milliseconds: thread.Value - before.Threads.GetValueOrDefault(thread.Key))).ToList();
            threads.Add(("(threads that ended meanwhile)", Math.Max(0, cpu - threads.Sum(thread => thread.Milliseconds)))); // they take their times with them
            return polls > 0
                ? new PollCost(
                    (int)polls,
                    cpu / polls,
                    await CountProcessesAsync(watcher, folder, cancellationToken),
                    (after.Requests - before.Requests) / polls,
                    (after.Bytes - before.Bytes) / polls,
                    [.. threads.Select(thread => (thread.Name, thread.Milliseconds / polls)).OrderByDescending(thread => thread.Item2)])
                : throw new InvalidOperationException($"no poll within {within.TotalSeconds} s");
        }
        catch (IOException exception) when (!watcher.IsRunning)
        {
            throw new InvalidOperationException($"it ended; it said last: {string.Join(" / ", watcher.Lines.TakeLast(5))}", exception);
        }
    }

    /// <summary>Counts, over some polls of their own, the programs that are started: watching them would spoil the time they take.</summary>
    private static async Task<double> CountProcessesAsync(Watcher watcher, string folder, CancellationToken cancellationToken)
    {
        var log = Path.Combine(folder, $"strace-{watcher.ProcessId}");
        await using var strace = LabProcess.Start("strace", ["-f", "-qq", "--trace=execve", "--signal=none", "--status=successful", "--output", log, "--attach", watcher.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        var trouble = strace.HasExited ? string.Join(' ', strace.Lines) : null;
        var first = watcher.Looks;
        await Wait.UntilAsync($"{Watched} polls are over", TimeSpan.FromSeconds(60), () => Task.FromResult(watcher.Looks >= first + Watched), cancellationToken);
        var polls = watcher.Looks - first;
        strace.Signal(15); // detaches
        await strace.WaitForExitAsync(TimeSpan.FromSeconds(10), cancellationToken);

        // `setsid git …` is one process: it becomes the other
        var processes = File.ReadLines(log).Where(line => line.Contains("execve(", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).Distinct().Count();
        return trouble is null ? (double)processes / polls : throw new InvalidOperationException($"strace cannot watch: {trouble}");
    }

    private sealed record Reading(int Polls, double CpuMilliseconds, int Requests, long Bytes, IReadOnlyDictionary<string, double> Threads)
    {
        public static Reading Of(Watcher watcher, CountingRelay relay)
        {
            var (requests, bytes) = relay.Read();
            return new Reading(watcher.Looks, ProcessCost.CpuMilliseconds(watcher.ProcessId), requests, bytes, ProcessCost.CpuMillisecondsByThread(watcher.ProcessId));
        }
    }
}
