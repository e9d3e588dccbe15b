using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Eclusier.Adapters.Files;
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

    /// <summary>What the files and git's index look like from outside; a file that is gone counts, too.</summary>
    private static UInt128 FingerprintOf(string folder, string[] tracked)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in tracked.Append(".git/index").Append(".git/HEAD"))
        {
            var (stamp, mode) = LookAt(Path.Combine(folder, path));
            ReadOnlySpan<long> seen = [(long)stamp.Node, (long)stamp.Size, mode, stamp.WrittenAt.Seconds, stamp.WrittenAt.Nanoseconds, stamp.ChangedAt.Seconds, stamp.ChangedAt.Nanoseconds];
            hash.AppendData(MemoryMarshal.AsBytes(seen));
        }

        Span<byte> fingerprint = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(fingerprint);
        return MemoryMarshal.Read<UInt128>(fingerprint);
    }

    /// <returns>Nothing, where there is none or the agent may not look.</returns>
    private static (FileStamp Stamp, long Mode) LookAt(string path)
    {
        try
        {
            return FileStatus.Of(path, follow: false) is { } status ? (status.Stamp, status.Mode) : default;
        }
        catch (IOException)
        {
            return default;
        }
    }

    private sealed record Known(CommitId Commit, string[] Tracked, UInt128 Fingerprint, IReadOnlyList<string> Edited);
}
