using System.Security.Cryptography;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Git;

/// <summary>The files on the host that git does not track: secrets, data, generated things. They stay where they are, whatever is deployed.</summary>
internal sealed class UntrackedFiles(GitProgram git)
{
    /// <summary>Untracked and ignored files and folders of a work tree and its submodules; a folder without tracked files stands for all in it.</summary>
    /// <returns>Paths relative to the root; folders end in <c>/</c>.</returns>
    public async Task<IReadOnlyList<string>> ListAsync(string workTree, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        await ListAsync(workTree, "", found, cancellationToken);
        return found;
    }

    private async Task ListAsync(string workTree, string prefix, List<string> found, CancellationToken cancellationToken)
    {
        var here = new GitCommand(Path.Combine(workTree, prefix).TrimEnd('/')) { Doing = "listing untracked files" };
        var (listing, looking) = (git.ListAsync(here with { Arguments = ["ls-files", "--others", "--directory", "-z"] }, cancellationToken), Submodules.PopulatedAsync(git, here, cancellationToken));
        await Task.WhenAll(listing, looking);
        found.AddRange((await listing).Select(path => prefix + path));
        foreach (var submodule in await looking)
        {
            await ListAsync(workTree, $"{prefix}{submodule}/", found, cancellationToken);
        }
    }

    /// <summary>Makes sure that no untracked file stands where the staged commit has another.</summary>
    /// <exception cref="FailureException">Rejected: there are such files; it names them.</exception>
    public static void CheckNotInTheWay(IEnumerable<string> untracked, string workTree, string staging, IReadOnlyDictionary<string, TreeEntry> tracked)
    {
        var inTheWay = untracked.SelectMany(path => InTheWay(path.TrimEnd('/'), workTree, staging, tracked)).Order(StringComparer.Ordinal).ToList();
        if (inTheWay.Count > 0)
        {
            throw FailureException.Rejected(
                $"files of {workTree} that are not in git are in the way of the commit's own: {string.Join(", ", inTheWay.Take(5))}" +
                $"{(inTheWay.Count > 5 ? $" and {inTheWay.Count - 5} more" : "")}; move them away, or make them equal to the commit's");
        }
    }

    /// <summary>Lets the staging tree show what lies untracked in the work tree, by symbolic links; what the commit tracks wins.</summary>
    /// <param name="except">A folder that is never shown: our own state, should it lie inside.</param>
    public static void Link(IEnumerable<string> untracked, string workTree, string staging, string except)
    {
        foreach (var path in untracked.Select(path => path.TrimEnd('/')))
        {
            var parent = Path.GetDirectoryName(Path.Combine(staging, path))!;
            if (IsRealFolderBelow(staging, parent))
            {
                Directory.CreateDirectory(parent);
                Link(Path.Combine(workTree, path), Path.Combine(staging, path), except);
            }
        }
    }

    private static void Link(string source, string link, string except)
    {
        var isFolder = IsRealFolder(source);
        if (source == except)
        {
            return;
        }

        if (!Exists(link) && !(isFolder && except.StartsWith(source + "/", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(link, source);
        }
        else if (isFolder && (!Exists(link) || IsRealFolder(link)))
        {
            Directory.CreateDirectory(link);
            foreach (var entry in Directory.EnumerateFileSystemEntries(source))
            {
                Link(entry, Path.Combine(link, Path.GetFileName(entry)), except);
            }
        }
    }

    private static IEnumerable<string> InTheWay(string path, string workTree, string staging, IReadOnlyDictionary<string, TreeEntry> tracked)
    {
        for (var end = path.IndexOf('/'); end > 0; end = path.IndexOf('/', end + 1))
        {
            if (tracked.TryGetValue(path[..end], out var above) && above.Kind == TreeEntryKind.File)
            {
                return [path]; // the commit has a file where its folder is
            }
        }

        if (!tracked.TryGetValue(path, out var entry))
        {
            return [];
        }

        var here = Path.Combine(workTree, path);
        return (entry.Kind, IsRealFolder(here)) switch
        {
            (TreeEntryKind.File, false) => HaveSameContent(here, Path.Combine(staging, path)) ? [] : [path],
            (TreeEntryKind.File, true) or (_, false) => [path],
            (TreeEntryKind.Submodule, true) when Exists(Path.Combine(here, ".git")) => [],
            _ => Directory.EnumerateFileSystemEntries(here).SelectMany(inner => InTheWay($"{path}/{Path.GetFileName(inner)}", workTree, staging, tracked)),
        };
    }

    private static bool HaveSameContent(string one, string other)
    {
        var (first, second) = (new FileInfo(one), new FileInfo(other));
        if (first.LinkTarget is not null || second.LinkTarget is not null)
        {
            return first.LinkTarget == second.LinkTarget;
        }

        return first.Exists && second.Exists && first.Length == second.Length && (first.Length == 0 || Hash(first).SequenceEqual(Hash(second)));
    }

    private static byte[] Hash(FileInfo file)
    {
        using var stream = file.OpenRead();
        return SHA256.HashData(stream);
    }

    private static bool Exists(string path) => new FileInfo(path) is { LinkTarget: not null } || Path.Exists(path);

    private static bool IsRealFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    /// <summary>Nothing on the way from the root is a file or a link, so that making folders there stays inside.</summary>
    private static bool IsRealFolderBelow(string root, string folder)
    {
        for (var path = folder; path.Length > root.Length; path = Path.GetDirectoryName(path)!)
        {
            if (Exists(path) && !IsRealFolder(path))
            {
                return false;
            }
        }

        return true;
    }
}
