using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>What was laid out for rendering.</summary>
internal sealed record StagedFiles(string Path, string GitFolder, string RootId, Dictionary<string, TreeEntry> Tracked, IReadOnlyList<StagedSubmodule> Submodules);

/// <summary>A checkout that borrows the mirror's objects and is only read. Nothing in it is worth keeping: a broken one is made anew.</summary>
internal sealed partial class StagingTree(GitProgram git, Submodules submodules, LargeFiles largeFiles, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Borrowed> borrowed = new(StringComparer.Ordinal); // by folder

    public async Task<StagedFiles> LayOutAsync(string folder, GitMirror mirror, GitAccess access, CommitId commit, CancellationToken cancellationToken)
    {
        await largeFiles.CheckAsync(new GitCommand(mirror.Path) { IsBare = true, Doing = "looking for large files" }, commit.Value, cancellationToken);
        var where = new GitCommand(folder)
        {
            Doing = "laying out the commit",
            Access = access,
            // git-lfs would take a setting of ours for that of a local repository, too, and look for its files in our storage
            Settings = await largeFiles.SettingsAsync(access.Address.LocalPath is null ? mirror.LfsStorage : null, cancellationToken),
        };
        if (!Directory.Exists(Path.Combine(folder, ".git")))
        {
            await CreateAsync(where, mirror, commit, cancellationToken);
        }

        try
        {
            return await CheckOutAsync(where, mirror, commit, cancellationToken);
        }
        catch (FailureException exception) when (GitFailures.IsNoRepository(exception.Failure) || (exception.Kind == FailureKind.Transient && !GitFailures.IsOutOfReach(exception.Failure)))
        {
            // whatever a kill, a full disk or a merged submodule left: from scratch, once
            Log.Remaking(logger, folder, exception.Message);
            await CreateAsync(where, mirror, commit, cancellationToken);
            return await CheckOutAsync(where, mirror, commit, cancellationToken);
        }
    }

    private async Task<StagedFiles> CheckOutAsync(GitCommand where, GitMirror mirror, CommitId commit, CancellationToken cancellationToken)
    {
        await BorrowAsync(where, mirror, cancellationToken);
        var (writing, reading, asking) = (WriteAsync(where, commit, cancellationToken), TreeEntries.ReadAsync(git, where, commit.Value, cancellationToken), mirror.TreeOf(commit) is { } known ? Task.FromResult(known) : TreeEntries.RootIdAsync(git, where, commit, cancellationToken));
        await Task.WhenAll(writing, reading, asking);
        var tracked = await reading;
        var staged = await submodules.StageAsync(where, tracked, cancellationToken);
        return new StagedFiles(where.Folder, await submodules.GitFolderAsync(where, cancellationToken), await asking, tracked, staged);
    }

    private async Task WriteAsync(GitCommand where, CommitId commit, CancellationToken cancellationToken)
    {
        // the links to untracked files go first: nothing may be written through them
        await git.RunAsync(where with { Arguments = ["clean", "-ffdxq"] }, cancellationToken);
        await git.RunAsync(where with { Arguments = ["checkout", "--quiet", "--force", "--detach", commit.Value] }, cancellationToken);
        if (Directory.Exists(Path.Combine(where.Folder, ".git/modules")))
        {
            await git.RunAsync(where with { Arguments = ["clean", "-ffdxq"] }, cancellationToken); // a submodule that the commit no longer has is left by the checkout
        }
    }

    private async Task CreateAsync(GitCommand where, GitMirror mirror, CommitId commit, CancellationToken cancellationToken)
    {
        if (Directory.Exists(where.Folder))
        {
            Directory.Delete(where.Folder, recursive: true); // removes links, not what they point to
        }

        Directory.CreateDirectory(where.Folder);
        var format = commit.Value.Length == 64 ? "sha256" : "sha1";
        await git.RunAsync(where with { Arguments = ["init", "--quiet", "--template=", "--initial-branch=main", $"--object-format={format}"] }, cancellationToken);
        await BorrowAsync(where, mirror, cancellationToken);
    }

    private async Task BorrowAsync(GitCommand where, GitMirror mirror, CancellationToken cancellationToken)
    {
        var alternates = Path.Combine(where.Folder, ".git/objects/info/alternates");
        Directory.CreateDirectory(Path.GetDirectoryName(alternates)!);
        await File.WriteAllTextAsync(alternates, $"{mirror.Objects}\n", cancellationToken);
        // relative submodule addresses, and the place of large files, follow from it
        var wanted = new Borrowed(where.Access!.Address.Text, mirror.LfsStorage);
        if (borrowed.TryGetValue(where.Folder, out var known) && known.Origin == wanted.Origin && known.LfsStorage == wanted.LfsStorage && known.WrittenAt == ConfigTime(where.Folder))
        {
            return;
        }

        await git.RunAsync(where with { Arguments = ["config", "remote.origin.url", wanted.Origin] }, cancellationToken);
        await git.RunAsync(where with { Arguments = ["config", "lfs.storage", wanted.LfsStorage] }, cancellationToken);
        borrowed[where.Folder] = wanted with { WrittenAt = ConfigTime(where.Folder) };
    }

    private static DateTime ConfigTime(string folder) => File.GetLastWriteTimeUtc(Path.Combine(folder, ".git/config"));

    /// <summary>What a staging tree's settings say, and when they were written: they are written again only when that differs.</summary>
    private sealed record Borrowed(string Origin, string LfsStorage, DateTime WrittenAt = default);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The staging tree {Folder} is made anew: {Reason}")]
        public static partial void Remaking(ILogger logger, string folder, string reason);
    }
}
