namespace Eclusier.Bench;

/// <summary>What a process has used so far, and what it holds, as <c>/proc</c> tells.</summary>
internal static class ProcessCost
{
    private const double MillisecondsPerTick = 10; // USER_HZ is 100 on every Linux that .NET runs on

    /// <summary>CPU time of the process and of all children it has waited for, in milliseconds.</summary>
    public static double CpuMilliseconds(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from the third field on: the name before may hold anything
        return fields[11..15].Sum(double.Parse) * MillisecondsPerTick; // utime, stime, cutime, cstime
    }

    /// <summary>CPU time of the process's own threads, in milliseconds, by name.</summary>
    public static IReadOnlyDictionary<string, double> CpuMillisecondsByThread(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task").Select(ReadThread).OfType<(string Name, double Milliseconds)>()
            .GroupBy(thread => thread.Name).ToDictionary(threads => threads.Key, threads => threads.Sum(thread => thread.Milliseconds));

    public static Memory ReadMemory(int process)
    {
        var kibibytes = File.ReadLines($"/proc/{process}/smaps_rollup").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(fields => fields[0].TrimEnd(':'), fields => double.Parse(fields[1]));
        return new Memory(kibibytes["Rss"] / 1024, (kibibytes["Private_Clean"] + kibibytes["Private_Dirty"]) / 1024, kibibytes["Private_Dirty"] / 1024);
    }

    private static (string Name, double Milliseconds)? ReadThread(string folder)
    {
        try
        {
            return (File.ReadAllText(Path.Combine(folder, "comm")).Trim(), double.Parse(File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ')[0]) / 1e6);
        }
        catch (IOException) // the thread has just ended
        {
            return null;
        }
    }
}

/// <summary>In MiB: all that is resident; the part that no other process shares; of that, what the kernel could not read again from the program's file.</summary>
internal sealed record Memory(double Resident, double Private, double Dirty);
