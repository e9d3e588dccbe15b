using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Finds tracked files that differ from a commit; asks git only when something was written since it was asked last.</summary>
internal sealed class EditedFiles(GitProgram git)
{
    /// <summary>The names of more files are not kept in memory: git is asked each time then.</summary>
    private const int MostFiles = 20_000;

    private readonly ConcurrentDictionary<string, Known> knownTrees = new();

    /// <param name="supply">Brings the commit into the repository, where it is not; asked for only when the work tree is at another one.</param>
    public async Task<IReadOnlyList<string>> FindAsync(GitCommand where, CommitId commit, Func<Task> supply, CancellationToken cancellationToken)
    {
        if (knownTrees.TryGetValue(where.Folder, out var known) && known.Commit == commit && known.Fingerprint == FingerprintOf(where.Folder, known.Tracked))
        {
            return known.Edited;
        }

        // the fingerprint first: what is written while git looks is seen the next time
        var tracked = await git.ListAsync(where with { Arguments = ["ls-files", "-z"] }, cancellationToken);
        var fingerprint = FingerprintOf(where.Folder, tracked);
        string[] edited = [.. (await ReadEditedAsync(where, cancellationToken)).Union(await ReadMovedAsync(where, commit, supply, cancellationToken)).Order(StringComparer.Ordinal)];
        if (tracked.Length <= MostFiles)
        {
            // work trees of one repository have the same files: their names are kept once
            var same = knownTrees.Values.FirstOrDefault(other => other.Commit == commit && other.Tracked.AsSpan().SequenceEqual(tracked));
            knownTrees[where.Folder] = new Known(commit, same?.Tracked ?? tracked, fingerprint, edited);
        }

        return edited;
    }

    /// <summary>By <c>status</c>, since <c>diff</c> writes the index, which may be another user's and in use.</summary>
    private async Task<IEnumerable<string>> ReadEditedAsync(GitCommand where, CancellationToken cancellationToken) =>
        (await git.ListAsync(where with { Arguments = ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all"] }, cancellationToken))
            .Select(line => line[3..]); // after the two letters that say what happened to it

    /// <summary>What differs because the work tree is at another commit; nothing when it has none yet.</summary>
    private async Task<IEnumerable<string>> ReadMovedAsync(GitCommand where, CommitId commit, Func<Task> supply, CancellationToken cancellationToken)
    {
        var head = await git.TryAsync(where with { Arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"] }, cancellationToken);
        if (!head.Succeeded || head.StandardOutput.Trim() == commit.Value)
        {
            return [];
        }

        await supply();
        return await git.ListAsync(where with { Arguments = ["diff-tree", "-r", "--name-only", "-z", "--no-renames", "--ignore-submodules=all", commit.Value, "HEAD", "--"] }, cancellationToken);
    }

    /// <summary>Sizes and times of the files and of git's index; a file that is gone counts, too.</summary>
    private static string FingerprintOf(string folder, string[] tracked)
    {
        var text = new StringBuilder();
        foreach (var path in tracked.Append(".git/index").Append(".git/HEAD"))
        {
            var file = new FileInfo(Path.Combine(folder, path));
            if (file.Exists || file.LinkTarget is not null)
            {
                text.Append(path).Append(' ').Append(file.LinkTarget is null ? file.Length : 0).Append(' ').Append(file.LastWriteTimeUtc.Ticks).Append(' ').Append((int)file.UnixFileMode).Append('\n');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private sealed record Known(CommitId Commit, string[] Tracked, string Fingerprint, IReadOnlyList<string> Edited);
}
