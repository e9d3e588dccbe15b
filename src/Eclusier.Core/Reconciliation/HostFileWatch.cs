using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Reconciliation;

/// <summary>What a stack is settled on when a commit was turned down for a file of the host: that, too, until the file changes.</summary>
public sealed class HostFileWatch(IHostFiles files)
{
    /// <summary>What is settled on after this failure.</summary>
    public string KeyFor(Wish wish, Failure failure) =>
        failure.HostFiles.Count == 0 ? wish.Key : $"{wish.Key}{Wish.HostFilesMark}{string.Concat(failure.HostFiles.Select(path => $"\n{files.StampOf(path)} {path}"))}";

    /// <summary>Nothing has changed since: neither what is wished nor a file that mattered.</summary>
    public bool IsSettled(string? settledKey, Wish wish)
    {
        if (settledKey is null || !settledKey.StartsWith(wish.Key + Wish.HostFilesMark, StringComparison.Ordinal))
        {
            return settledKey == wish.Key;
        }

        return settledKey[(wish.Key.Length + Wish.HostFilesMark.Length)..].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).All(file => files.StampOf(file[1]) == file[0]);
    }
}
