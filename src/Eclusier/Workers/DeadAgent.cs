using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Releases;
using Eclusier.Core.Deployments;

namespace Eclusier.Workers;

/// <summary>What an agent that died has left outside the journal: programs that go on, and temporary folders.</summary>
public sealed partial class DeadAgent(OrphanedProcesses orphans, ReleaseFolders releases, ILogger<DeadAgent> logger)
{
    /// <summary>Before anything is done to any stack, and only while the state folder's lock is held.</summary>
    public async Task ClearAwayAsync()
    {
        await orphans.EndAsync();
        try
        {
            releases.WipeTemporary();
        }
        catch (FailureException exception)
        {
            Log.NotWiped(logger, exception.Message); // they are in nobody's way
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Temporary folders could not be removed: {Reason}")]
        public static partial void NotWiped(ILogger logger, string reason);
    }
}
