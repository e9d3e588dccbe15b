using Eclusier.Adapters.Files;

namespace Eclusier.Adapters.Git;

/// <summary>Who owned a work tree's tracked files before git rewrote them, so that they get them back.</summary>
/// <remarks>git writes a changed file anew, as the user it runs as; an agent that is root must not take an adopted clone from its user.</remarks>
internal sealed class KeptOwners
{
    private readonly string root;
    private readonly Dictionary<string, FileOwner?> owners = new(StringComparer.Ordinal); // null: it was not there

    private KeptOwners(string root) => this.root = root;

    /// <param name="paths">Tracked files, of now and of the commit to come, relative to the root.</param>
    public static KeptOwners Note(string root, IEnumerable<string> paths)
    {
        var kept = new KeptOwners(root);
        if (FileOwner.CanBeChanged)
        {
            foreach (var path in paths)
            {
                kept.Note(path);
            }
        }

        return kept;
    }

    /// <summary>Files that are there again get their owner back; new files and folders get that of the folder they are in.</summary>
    /// <param name="more">Files besides those that were noted.</param>
    public void Restore(IEnumerable<string> more)
    {
        if (FileOwner.CanBeChanged && FileOwner.Of(root) is { } rootOwner)
        {
            var settled = new Dictionary<string, FileOwner>(StringComparer.Ordinal) { [""] = rootOwner };
            foreach (var path in owners.Keys.Concat(more))
            {
                Settle(path, settled);
            }
        }
    }

    /// <summary>What root made inside a folder of somebody else's <c>.git</c> becomes theirs.</summary>
    public static void RestoreGitFolder(string gitFolder)
    {
        if (FileOwner.CanBeChanged && FileOwner.Of(Path.GetDirectoryName(gitFolder)!) is { IsRoot: false } owner)
        {
            Inherit(new DirectoryInfo(gitFolder), owner);
        }
    }

    private static void Inherit(DirectoryInfo folder, FileOwner outer)
    {
        var owner = InheritOne(folder.FullName, outer);
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                Inherit(inner, owner);
            }
            else
            {
                InheritOne(entry.FullName, owner);
            }
        }
    }

    private static FileOwner InheritOne(string path, FileOwner outer)
    {
        if (FileOwner.Of(path) is not { IsRoot: true })
        {
            return FileOwner.Of(path) ?? outer; // gone: git's temporary files come and go
        }

        outer.Give(path);
        return outer;
    }

    private void Note(string path)
    {
        if (path.Length > 0 && !owners.ContainsKey(path))
        {
            owners[path] = FileOwner.Of(Path.Combine(root, path));
            Note(FolderOf(path));
        }
    }

    private FileOwner Settle(string path, Dictionary<string, FileOwner> settled)
    {
        if (settled.TryGetValue(path, out var known))
        {
            return known;
        }

        var expected = owners.TryGetValue(path, out var before) && before is { } owner ? owner : Settle(FolderOf(path), settled);
        var full = Path.Combine(root, path);
        if (FileOwner.Of(full) is { } now && now != expected)
        {
            expected.Give(full);
        }

        return settled[path] = expected;
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var end ? path[..end] : "";
}
