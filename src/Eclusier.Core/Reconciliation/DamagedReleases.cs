using Eclusier.Core.History;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Looks through a stack's release folders at the agent's start: what is damaged is set aside, and is gone back to no more.</summary>
public sealed partial class DamagedReleases(IReleaseStore releases, IJournal journal, TimeProvider timeProvider, ILogger<DamagedReleases> logger)
{
    public void SetAside(Stack stack)
    {
        foreach (var id in releases.List(stack.Name))
        {
            if (releases.FindDamage(stack.Name, id) is { } damage)
            {
                var name = journal.FindRelease(stack.Name, id) is { } entry ? $"#{entry.Number}" : id[..12];
                Log.SetAside(logger, stack.Name, name, damage, releases.SetAside(stack.Name, id, timeProvider.GetUtcNow()));
            }
        }

        MakeAnew(stack);
    }

    /// <summary>Where the source still is at the commit of last known good, preparing that once more brings its folder back.</summary>
    private void MakeAnew(Stack stack)
    {
        var state = journal.ReadState(stack.Name);
        if (state.LastKnownGood is { } number && journal.FindRelease(stack.Name, number) is { Commit: not null } entry && entry.Commit == state.SeenHead?.Commit
            && state.SettledKey is not null && releases.FindDamage(stack.Name, entry.Id) is not null)
        {
            journal.Settle(stack.Name, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Stack}: Release {Release} can neither be applied nor gone back to: {Damage}; its folder is kept as '{Path}'")]
        public static partial void SetAside(ILogger logger, StackName stack, string release, string damage, string path);
    }
}
