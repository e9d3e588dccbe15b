using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Processes;

/// <summary>Programs that a dead agent of the same state folder left running: a <c>docker compose up</c> that goes on would work against the new agent.</summary>
/// <remarks>
/// They are found by the mark in their environment, which names the agent by pid and start time: it needs no record, and no other
/// program has it. All that they started have it, too.
/// </remarks>
public sealed partial class OrphanedProcesses(string stateDirectory, TimeProvider timeProvider, ILogger<OrphanedProcesses> logger)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly string state = ChildMark.Normal(stateDirectory);

    /// <summary>Ends them: SIGTERM, after 5 seconds SIGKILL. Only while the state folder's lock is held.</summary>
    public async Task EndAsync()
    {
        var orphans = Find();
        foreach (var orphan in orphans)
        {
            Log.Ending(logger, CommandOf(orphan.Id), orphan.Id);
        }

        foreach (var signal in new[] { 15, 9 })
        {
            if (await AreGoneAsync(signal))
            {
                return;
            }
        }

        foreach (var orphan in Find())
        {
            Log.Stuck(logger, CommandOf(orphan.Id), orphan.Id, orphan.State); // with a SIGKILL waiting for it, it will never go on
        }
    }

    private async Task<bool> AreGoneAsync(int signal)
    {
        var signalled = new HashSet<ProcessStatus>();
        var began = timeProvider.GetTimestamp();
        while (Find() is { Count: > 0 } left)
        {
            if (timeProvider.GetElapsedTime(began) >= Grace)
            {
                return false;
            }

            foreach (var orphan in left.Where(orphan => signalled.Add(orphan with { State = ' ' })))
            {
                // a group that it leads is its own, and may hold programs that cleared their environment
                _ = Kill(orphan.Group == orphan.Id ? -orphan.Id : orphan.Id, signal);
            }

            await Task.Delay(Pace, timeProvider);
        }

        return true;
    }

    private List<ProcessStatus> Find()
    {
        var found = new List<ProcessStatus>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && ChildMark.Read(id) is { } mark && mark.StateDirectory == state && !mark.HasParent
                && ProcessStatus.Of(id) is { IsAlive: true } process)
            {
                found.Add(process);
            }
        }

        return found;
    }

    private static string CommandOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim(); // the arguments are left out: a model's path says nothing, and others' may be secret
        }
        catch (IOException)
        {
            return "a program"; // it has ended meanwhile
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Program} (pid {Process}), which an agent that died has left, is ended")]
        public static partial void Ending(ILogger logger, string program, int process);

        [LoggerMessage(LogLevel.Error, "{Program} (pid {Process}, state {State}) of an agent that died does not end; going on without waiting for it")]
        public static partial void Stuck(ILogger logger, string program, int process, char state);
    }
}
