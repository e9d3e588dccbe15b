using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>Packs what many fetches have left, where git finds it worth it. Fetches leave it out: a deployment waits for them.</summary>
internal static partial class Tidying
{
    /// <summary>What git cannot tidy works all the same: that is told and no more.</summary>
    public static async Task RunAsync(GitProgram git, GitCommand where, ILogger logger, CancellationToken cancellationToken)
    {
        var result = await git.TryAsync(where with { Arguments = ["maintenance", "run", "--auto", "--quiet"] }, cancellationToken);
        if (!result.Succeeded)
        {
            Log.NotTidied(logger, where.Folder, result.LastErrorLine);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "git could not tidy {Folder}: {Reason}")]
        public static partial void NotTidied(ILogger logger, string folder, string reason);
    }
}
