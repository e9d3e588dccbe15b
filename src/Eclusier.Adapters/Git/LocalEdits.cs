using System.Globalization;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Git;

/// <summary>Changes that somebody made to tracked files on the host: saved as a patch before they are overwritten.</summary>
internal sealed class LocalEdits(GitProgram git, TimeProvider timeProvider)
{
    /// <summary>Enough arguments for one command line; with more edits than this, the patch is made of everything that differs.</summary>
    private const int MaxPaths = 500;

    /// <summary>
    /// What differs both from the current and from the next commit: what already equals the next one is no edit, but the work of
    /// a move that was killed.
    /// </summary>
    /// <param name="from">The commit or tree that the work tree should be at.</param>
    public Task<IReadOnlyList<string>> FindAsync(GitCommand where, string from, CommitId next, CancellationToken cancellationToken) => FindAsync(where, from, next.Value, cancellationToken);

    /// <summary>Saves the edits.</summary>
    /// <param name="from">The commit or tree that the work tree should be at.</param>
    /// <param name="found">See <see cref="FindAsync(GitCommand, string, CommitId, CancellationToken)"/>.</param>
    /// <param name="added">Untracked files that the next commit would overwrite; they count as edits.</param>
    /// <param name="populated">The submodules that are checked out.</param>
    /// <param name="folder">Where the patches go.</param>
    /// <returns><c>null</c>: there are no edits.</returns>
    public async Task<SavedEdits?> SaveAsync(
        GitCommand where, string from, CommitId next, IReadOnlyList<string> found, IReadOnlyList<string> added, IReadOnlyList<string> populated, string folder, CancellationToken cancellationToken)
    {
        if (added.Count > 0)
        {
            await git.RunAsync(where with
            {
                Arguments = ["add", "--force", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"],
                StandardInput = string.Join('\0', added),
                HasLiteralPaths = true,
            }, cancellationToken);
            found = await FindAsync(where, from, next, cancellationToken); // now they are among them
        }

        var saved = await SaveOneAsync(where, from, found, folder, "", cancellationToken);
        foreach (var path in populated)
        {
            // a submodule's patch is one of its own: git applies none across its border
            var inner = await SaveAllAsync(where with { Folder = Path.Combine(where.Folder, path) }, folder, $"-{path.Replace('/', '-')}", cancellationToken);
            saved = Together(saved, path, inner);
        }

        return saved;
    }

    /// <summary>Files that somebody added to the index and that the next commit does not have.</summary>
    public async Task<IReadOnlyList<string>> AddedAsync(GitCommand where, IReadOnlyDictionary<string, TreeEntry> next, CancellationToken cancellationToken)
    {
        var added = await git.ListAsync(where with { Arguments = ["diff", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=A", "--ignore-submodules=all", "HEAD"] }, cancellationToken);
        return [.. added.Where(path => !next.ContainsKey(path))];
    }

    /// <summary>They stay on the host, untracked again: a reset would delete them.</summary>
    /// <param name="added">See <see cref="AddedAsync"/>.</param>
    public async Task UnstageAsync(GitCommand where, IReadOnlyList<string> added, CancellationToken cancellationToken)
    {
        if (added.Count > 0)
        {
            await git.RunAsync(where with
            {
                Arguments = ["reset", "--quiet", "--pathspec-from-file=-", "--pathspec-file-nul", "HEAD"],
                StandardInput = string.Join('\0', added),
                HasLiteralPaths = true,
            }, cancellationToken);
        }
    }

    private async Task<SavedEdits?> SaveAllAsync(GitCommand where, string folder, string suffix, CancellationToken cancellationToken)
    {
        var saved = await SaveOneAsync(where, "HEAD", await FindAsync(where, "HEAD", "HEAD", cancellationToken), folder, suffix, cancellationToken);
        foreach (var path in await Submodules.PopulatedAsync(git, where, cancellationToken))
        {
            var inner = await SaveAllAsync(where with { Folder = Path.Combine(where.Folder, path) }, folder, $"{suffix}-{path.Replace('/', '-')}", cancellationToken);
            saved = Together(saved, path, inner);
        }

        return saved;
    }

    private static SavedEdits? Together(SavedEdits? outer, string path, SavedEdits? inner) => inner is null ? outer
        : new SavedEdits(outer?.Patch ?? inner.Patch, [.. outer?.Files ?? [], .. inner.Files.Select(file => $"{path}/{file}")]);

    private async Task<IReadOnlyList<string>> FindAsync(GitCommand where, string from, string next, CancellationToken cancellationToken)
    {
        var differing = await Task.WhenAll(((string[])[from, next]).Distinct().Select(commit => DifferingAsync(where, commit, cancellationToken)));
        return [.. differing[0].Intersect(differing[^1])];
    }

    private async Task<SavedEdits?> SaveOneAsync(GitCommand where, string from, IReadOnlyList<string> edited, string folder, string suffix, CancellationToken cancellationToken)
    {
        if (edited.Count == 0)
        {
            return null;
        }

        var id = (await git.RunAsync(where with { Arguments = ["rev-parse", from] }, cancellationToken)).Trim();
        var file = NewFile(folder, $"{timeProvider.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{id[..7]}{suffix}");
        string[] paths = edited.Count <= MaxPaths ? ["--", .. edited] : [];
        await git.RunAsync(where with
        {
            Arguments =
            [
                "diff", "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all",
                "--src-prefix=a/", "--dst-prefix=b/", $"--output={file}", from, .. paths,
            ],
            HasLiteralPaths = true,
        }, cancellationToken);
        return new SavedEdits(file, edited);
    }

    private async Task<string[]> DifferingAsync(GitCommand where, string commit, CancellationToken cancellationToken) =>
        await git.ListAsync(where with { Arguments = ["diff", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--ignore-submodules=all", commit, "--"] }, cancellationToken);

    /// <summary>Readable for the agent's user only: an edited file may hold a password. git writes into it and keeps its mode.</summary>
    private static string NewFile(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        for (var number = 1; ; number++)
        {
            var path = Path.Combine(folder, number == 1 ? $"{name}.patch" : $"{name}-{number}.patch");
            if (!File.Exists(path))
            {
                using var created = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                return path;
            }
        }
    }
}
