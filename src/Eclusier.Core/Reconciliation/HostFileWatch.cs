using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Reconciliation;

/// <summary>What a stack is settled on when files of the host count, or a commit was turned down for one: those, too, until one of them changes.</summary>
public sealed class HostFileWatch(IHostFiles files)
{
    /// <summary>What is settled on after this failure.</summary>
    public string KeyFor(Wish wish, Failure failure) =>
        KeyFor(wish, failure.HostFiles.ToDictionary(path => path, files.StampOf));

    /// <summary>What is settled on with a release that these files are part of.</summary>
    /// <param name="stamps">What the files were like when they were read, by path.</param>
    public static string KeyFor(Wish wish, IReadOnlyDictionary<string, string> stamps) =>
        stamps.Count == 0 ? wish.Key : $"{wish.Key}{Wish.HostFilesMark}{string.Concat(stamps.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"\n{file.Value} {file.Key}"))}";

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
