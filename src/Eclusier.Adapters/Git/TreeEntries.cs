using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

internal enum TreeEntryKind
{
    File,
    Folder,
    Submodule,
}

/// <summary>What a commit tracks at a path.</summary>
internal readonly record struct TreeEntry(TreeEntryKind Kind, string Id);

/// <summary>Reads a commit's whole tree.</summary>
internal static class TreeEntries
{
    /// <returns>By path with <c>/</c>; the root's tree is not among them.</returns>
    public static async Task<Dictionary<string, TreeEntry>> ReadAsync(GitProgram git, GitCommand where, string commit, CancellationToken cancellationToken) =>
        Parse(await git.RunAsync(Listing(where, commit), cancellationToken));

    /// <inheritdoc cref="ReadAsync"/>
    /// <returns><c>null</c>: the commit is not here, or not whole.</returns>
    public static async Task<Dictionary<string, TreeEntry>?> TryReadAsync(GitProgram git, GitCommand where, string commit, CancellationToken cancellationToken) =>
        await git.TryAsync(Listing(where, commit), cancellationToken) is { Succeeded: true } listed ? Parse(listed.StandardOutput) : null;

    private static GitCommand Listing(GitCommand where, string commit) => where with { Arguments = ["ls-tree", "-r", "-t", "-z", "--full-tree", commit] };

    private static Dictionary<string, TreeEntry> Parse(string listed)
    {
        var entries = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (var line in listed.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var tab = line.IndexOf('\t'); // "<mode> <type> <id>\t<path>"
            var fields = line[..tab].Split(' ');
            var kind = fields[1] switch { "tree" => TreeEntryKind.Folder, "commit" => TreeEntryKind.Submodule, _ => TreeEntryKind.File };
            entries[line[(tab + 1)..]] = new TreeEntry(kind, fields[2]);
        }

        return entries;
    }

    /// <summary>The lines of the index, <c>&lt;mode&gt; &lt;id&gt; &lt;stage&gt;\t&lt;path&gt;</c>; see <see cref="PathOf"/>.</summary>
    public static Task<string[]> StagedAsync(GitProgram git, GitCommand where, CancellationToken cancellationToken) =>
        git.ListAsync(where with { Arguments = ["ls-files", "--stage", "-z"] }, cancellationToken);

    /// <param name="entry">A line of the index.</param>
    public static string PathOf(string entry) => entry[(entry.IndexOf('\t') + 1)..];

    public static async Task<string> RootIdAsync(GitProgram git, GitCommand where, CommitId commit, CancellationToken cancellationToken) =>
        (await git.RunAsync(where with { Arguments = ["rev-parse", $"{commit}^{{tree}}"] }, cancellationToken)).Trim();
}
