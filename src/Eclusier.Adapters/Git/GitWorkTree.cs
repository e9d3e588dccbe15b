using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>Work trees that git keeps: clones of our own, without a branch, or adopted ones, which stay on the branch they are on.</summary>
public sealed partial class GitWorkTree : IWorkTree
{
    private readonly GitMirrors mirrors;
    private readonly GitProgram git;
    private readonly ILogger logger;
    private readonly Submodules submodules;
    private readonly LargeFiles largeFiles;
    private readonly StagingTree stagingTree;
    private readonly UntrackedFiles untrackedFiles;
    private readonly LocalEdits localEdits;
    private readonly EditedFiles editedFiles;

    public GitWorkTree(GitMirrors mirrors, ILogger<GitWorkTree> logger)
    {
        (this.mirrors, this.logger) = (mirrors, logger);
        git = mirrors.Git;
        submodules = new Submodules(git);
        largeFiles = new LargeFiles(git);
        stagingTree = new StagingTree(git, submodules, largeFiles, logger);
        untrackedFiles = new UntrackedFiles(git);
        localEdits = new LocalEdits(git, mirrors.TimeProvider);
        editedFiles = new EditedFiles(git);
    }

    public string PathOf(Stack stack) => Path.GetFullPath(stack.Checkout ?? Path.Combine(FolderOf(stack), "work")).TrimEnd('/');

    public async Task<CommitId?> ReadCommitAsync(Stack stack, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        if (!HasRepository(path))
        {
            return null;
        }

        git.Home.Trust(path);
        return await HeadAsync(In(path, "reading the work tree's commit"), cancellationToken);
    }

    public async Task<StagedTree> StageAsync(Stack stack, Revision revision, CancellationToken cancellationToken)
    {
        FileMask.LetOthersRead();
        var mirror = mirrors.Of(stack.Source);
        using var access = mirrors.AccessTo(stack.Source);
        if (!await mirror.TryReferAsync(References.Staged(stack.Name), revision.Commit, cancellationToken))
        {
            await mirror.FetchAsync(access, stack.Source.Selector, revision.Commit, cancellationToken); // mends what is broken
            await mirror.ReferAsync(References.Staged(stack.Name), revision.Commit, cancellationToken);
        }

        // at once; the work tree's own repository gets the commit when the release is kept, beside the pull
        var layingOut = stagingTree.LayOutAsync(Path.Combine(FolderOf(stack), "staging"), mirror, access, revision.Commit, cancellationToken);
        var listing = ListUntrackedAsync(stack, cancellationToken);
        await Task.WhenAll(layingOut, listing);
        var (staged, (work, untracked)) = (await layingOut, await listing);
        await SupplySubmodulesAsync(staged, work, cancellationToken);
        UntrackedFiles.CheckNotInTheWay(untracked, work.Folder, staged.Path, staged.Tracked);
        UntrackedFiles.Link(untracked, work.Folder, staged.Path, except: mirrors.StateDirectory);
        var ids = staged.Tracked.ToDictionary(entry => entry.Key, entry => entry.Value.Id, StringComparer.Ordinal);
        ids[""] = staged.RootId;
        return new StagedTree(staged.Path, ids);
    }

    public async Task<SavedEdits?> MoveAsync(Stack stack, CommitId commit, CancellationToken cancellationToken)
    {
        FileMask.LetOthersRead();
        var mirror = mirrors.Of(stack.Source);
        var opened = await OpenAsync(stack, cancellationToken);
        var work = opened with { Settings = await largeFiles.SettingsAsync(mirror.LfsStorage, cancellationToken), Doing = "moving the work tree" };
        var gitFolder = await submodules.GitFolderAsync(work, cancellationToken);
        if (StaleLocks.Remove(gitFolder, work.Folder) is > 0 and var count)
        {
            Log.RemovedLocks(logger, stack.Name, count, gitFolder);
        }

        var before = await LookAsync(work, mirror, commit, cancellationToken);
        var owners = KeptOwners.Note(work.Folder, [.. await TrackedAsync(work, "", before.Index, cancellationToken), .. before.Next.Keys]);
        try
        {
            var saved = await SaveEditsAsync(stack, work, mirror, commit, before, cancellationToken);
            await submodules.RetireAsync(work, before.Populated, before.Next, cancellationToken);
            string[] move = before.IsOnBranch ? ["reset", "--quiet", "--hard", commit.Value] : ["checkout", "--quiet", "--force", "--detach", commit.Value];
            await git.RunAsync(work with { Arguments = move }, cancellationToken);
            await submodules.CheckOutAsync(work, cancellationToken);
            owners.Restore(before.HasSubmodules ? await TrackedAsync(work, "", await TreeEntries.StagedAsync(git, work, cancellationToken), cancellationToken) : before.Next.Keys);
            return saved;
        }
        finally
        {
            owners.Restore([]); // also of what a failed move has written
            KeptOwners.RestoreGitFolder(gitFolder);
        }
    }

    public async Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId commit, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        if (!HasRepository(path))
        {
            var mirror = mirrors.Of(stack.Source);
            return await mirror.HasAsync(commit, cancellationToken) ? await mirror.ListAsync(commit, cancellationToken) : [];
        }

        git.Home.Trust(path);
        var work = In(path, "comparing the work tree with its commit");
        return await editedFiles.FindAsync(work, commit, BringAsync, cancellationToken);

        async Task BringAsync()
        {
            await SupplyAsync(work, mirrors.Of(stack.Source), commit, cancellationToken);
            KeptOwners.RestoreGitFolder(await submodules.GitFolderAsync(work, cancellationToken));
        }
    }

    public async Task KeepAsync(Stack stack, int releaseNumber, CommitId commit, CancellationToken cancellationToken)
    {
        var mirror = mirrors.Of(stack.Source);
        var reference = References.Release(stack.Name, releaseNumber);
        if (!await mirror.TryReferAsync(reference, commit, cancellationToken) && await mirror.HasAsync(commit, cancellationToken))
        {
            await mirror.ReferAsync(reference, commit, cancellationToken); // says why not
        }

        var work = await OpenAsync(stack, cancellationToken);
        if (!await References.TrySetAsync(git, work, reference, commit, cancellationToken))
        {
            await SupplyAsync(work, mirror, commit, cancellationToken);
            await References.SetAsync(git, work, reference, commit, cancellationToken);
        }

        KeptOwners.RestoreGitFolder(await submodules.GitFolderAsync(work, cancellationToken));
    }

    public async Task ReleaseAsync(Stack stack, int releaseNumber, CancellationToken cancellationToken)
    {
        var mirror = mirrors.Of(stack.Source);
        if (Directory.Exists(mirror.Path))
        {
            await mirror.ReferAsync(References.Release(stack.Name, releaseNumber), null, cancellationToken);
            await mirror.TidyAsync(cancellationToken);
        }

        if (HasRepository(PathOf(stack)))
        {
            var work = await OpenAsync(stack, cancellationToken);
            await References.SetAsync(git, work, References.Release(stack.Name, releaseNumber), null, cancellationToken);
            await Tidying.RunAsync(git, work, logger, cancellationToken);
            KeptOwners.RestoreGitFolder(await submodules.GitFolderAsync(work, cancellationToken));
        }
    }

    private string FolderOf(Stack stack) => Path.Combine(mirrors.StateDirectory, "stacks", stack.Name.Value);

    private static GitCommand In(string path, string doing) => new(path) { Doing = doing };

    private static bool HasRepository(string path) => Path.Exists(Path.Combine(path, ".git"));

    /// <summary>The work tree's repository; made when its folder is missing or empty.</summary>
    /// <exception cref="FailureException">Rejected: something else is there.</exception>
    private async Task<GitCommand> OpenAsync(Stack stack, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        var here = In(path, "preparing the work tree");
        git.Home.Trust(path);
        if (HasRepository(path))
        {
            var bare = await git.TryAsync(here with { Arguments = ["rev-parse", "--is-bare-repository"] }, cancellationToken);
            if (bare.Succeeded)
            {
                return bare.StandardOutput.Trim() == "false" ? here : throw FailureException.Rejected($"{path} is a bare repository: a stack needs a clone with a work tree");
            }

            if (stack.Checkout is not null || !GitFailures.IsDamaged(bare))
            {
                throw GitFailures.Of(here with { Doing = $"opening the work tree {path}", Arguments = ["rev-parse"] }, bare);
            }

            Log.RemakingRepository(logger, stack.Name, path, bare.LastErrorLine);
            Directory.Delete(Path.Combine(path, ".git"), recursive: true);
        }
        else if (stack.Checkout is not null && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw FailureException.Rejected($"{path} is not the root of a git clone, and it is not empty: name a clone of {new GitAddress(stack.Source.Repository).Display}, or an empty folder");
        }

        Directory.CreateDirectory(path);
        var format = stack.Source.Selector is RevisionSelector.Commit { Id.Value.Length: 64 } || await MirrorFormatAsync(stack, cancellationToken) == "sha256" ? "sha256" : "sha1";
        await git.RunAsync(here with { Arguments = ["init", "--quiet", "--template=", "--initial-branch=main", $"--object-format={format}"] }, cancellationToken);
        await git.RunAsync(here with { Arguments = ["config", "remote.origin.url", stack.Source.Repository] }, cancellationToken);
        return here;
    }

    private async Task<string> MirrorFormatAsync(Stack stack, CancellationToken cancellationToken) =>
        mirrors.Of(stack.Source) is var mirror && Directory.Exists(mirror.Path)
            ? (await mirror.ReadAsync("reading the object format", ["rev-parse", "--show-object-format"], cancellationToken)).Trim()
            : "sha1";

    private async Task<(GitCommand Work, IReadOnlyList<string> Untracked)> ListUntrackedAsync(Stack stack, CancellationToken cancellationToken)
    {
        var work = await OpenAsync(stack, cancellationToken);
        var gitFolder = await submodules.GitFolderAsync(work, cancellationToken);
        try
        {
            return (work, await untrackedFiles.ListAsync(work.Folder, cancellationToken));
        }
        finally
        {
            KeptOwners.RestoreGitFolder(gitFolder);
        }
    }

    private async Task SupplySubmodulesAsync(StagedFiles staged, GitCommand work, CancellationToken cancellationToken)
    {
        if (staged.Submodules.Count == 0)
        {
            return;
        }

        var gitFolder = await submodules.GitFolderAsync(work, cancellationToken);
        try
        {
            foreach (var submodule in staged.Submodules)
            {
                await submodules.SupplyAsync(submodule, staged.GitFolder, work.Folder, gitFolder, cancellationToken);
            }
        }
        finally
        {
            KeptOwners.RestoreGitFolder(gitFolder);
        }
    }

    /// <summary>Brings the commit from the mirror into the work tree's repository, unless it is there.</summary>
    private async Task SupplyAsync(GitCommand work, GitMirror mirror, CommitId commit, CancellationToken cancellationToken)
    {
        if (!(await git.TryAsync(work with { Arguments = ["cat-file", "-e", $"{commit}^{{tree}}"] }, cancellationToken)).Succeeded)
        {
            string[] fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--", mirror.Path, commit.Value];
            await git.RunAsync(work with { Doing = "bringing the commit into the work tree", Arguments = fetch }, cancellationToken);
        }
    }

    private async Task<CommitId?> HeadAsync(GitCommand work, CancellationToken cancellationToken)
    {
        var result = await git.TryAsync(work with { Arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"] }, cancellationToken);
        return result.Succeeded ? CommitId.Parse(result.StandardOutput.Trim())
            : result.StandardError.Length == 0 ? null // no commit yet
            : throw GitFailures.Of(work with { Arguments = ["rev-parse"] }, result);
    }

    /// <summary>All that a move has to know of the work tree before; asked at once, since each question is a program of its own.</summary>
    private async Task<WorkTreeState> LookAsync(GitCommand work, GitMirror mirror, CommitId next, CancellationToken cancellationToken)
    {
        var heading = HeadAsync(work, cancellationToken);
        var branching = git.TryAsync(work with { Arguments = ["symbolic-ref", "--quiet", "HEAD"] }, cancellationToken);
        var listing = TreeEntries.StagedAsync(git, work, cancellationToken);
        var supplying = SupplyAsync(work, mirror, next, cancellationToken);
        await Task.WhenAll(heading, branching, listing, supplying);
        var entries = await TreeEntries.ReadAsync(git, work, next.Value, cancellationToken);
        return new WorkTreeState(await heading, (await branching).Succeeded && await heading is not null, await listing, Submodules.PopulatedAmong(await listing, work.Folder), entries);
    }

    private async Task<SavedEdits?> SaveEditsAsync(Stack stack, GitCommand work, GitMirror mirror, CommitId commit, WorkTreeState before, CancellationToken cancellationToken)
    {
        var head = before.Head;
        var tracked = before.Index.Select(TreeEntries.PathOf).ToHashSet(StringComparer.Ordinal);
        var (keeping, finding) = (KeepLocalCommitsAsync(stack, work, mirror, head, cancellationToken), FilesInTheWay.FindAsync(git, work, commit, tracked, cancellationToken));
        await Task.WhenAll(keeping, finding);
        var from = head?.Value ?? (await git.RunAsync(work with { Arguments = ["hash-object", "-w", "-t", "tree", "/dev/null"] }, cancellationToken)).Trim();
        var saving = localEdits.SaveAsync(work, from, commit, await finding, before.Populated, Path.Combine(FolderOf(stack), "local-changes"), cancellationToken);
        var adding = head is null ? Task.FromResult<IReadOnlyList<string>>([]) : localEdits.AddedAsync(work, before.Next, cancellationToken);
        await Task.WhenAll(saving, adding);
        var saved = await saving;
        await localEdits.UnstageAsync(work, await adding, cancellationToken);

        if (saved is not null)
        {
            Log.SavedEdits(logger, stack.Name, work.Folder, saved.Patch!);
        }

        return head is null ? new SavedEdits(saved?.Patch, [.. before.Next.Keys]) : saved; // made anew: what mounts it still sees the old one
    }

    private async Task KeepLocalCommitsAsync(Stack stack, GitCommand work, GitMirror mirror, CommitId? head, CancellationToken cancellationToken)
    {
        if (head is not null && !await mirror.HasAsync(head, cancellationToken))
        {
            await References.SetAsync(git, work, References.Local(stack.Name, head), head, cancellationToken);
            Log.KeptLocalCommits(logger, stack.Name, head.Short, References.Local(stack.Name, head));
        }
    }

    /// <summary>All tracked files, also those of submodules.</summary>
    private async Task<List<string>> TrackedAsync(GitCommand work, string prefix, IReadOnlyList<string> entries, CancellationToken cancellationToken)
    {
        if (!FileOwner.CanBeChanged)
        {
            return []; // only owners are of interest
        }

        var paths = entries.Select(entry => prefix + TreeEntries.PathOf(entry)).ToList();
        foreach (var submodule in Submodules.PopulatedAmong(entries, work.Folder))
        {
            paths.Add($"{prefix}{submodule}/.git");
            var inner = work with { Folder = Path.Combine(work.Folder, submodule) };
            paths.AddRange(await TrackedAsync(inner, $"{prefix}{submodule}/", await TreeEntries.StagedAsync(git, inner, cancellationToken), cancellationToken));
        }

        return paths;
    }

    /// <param name="Head"><c>null</c>: no commit yet.</param>
    /// <param name="Index">The lines of its index.</param>
    /// <param name="Populated">The submodules that are checked out.</param>
    /// <param name="Next">What the commit to come tracks.</param>
    private sealed record WorkTreeState(CommitId? Head, bool IsOnBranch, IReadOnlyList<string> Index, IReadOnlyList<string> Populated, Dictionary<string, TreeEntry> Next)
    {
        public bool HasSubmodules => Populated.Count > 0 || Next.Values.Any(entry => entry.Kind is TreeEntryKind.Submodule);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: local edits in {WorkTree} were saved to {Patch} and are overwritten")]
        public static partial void SavedEdits(ILogger logger, StackName stack, string workTree, string patch);

        [LoggerMessage(LogLevel.Warning, "{Stack}: the work tree is at {Commit}, which was never pushed; it is kept as {Reference}")]
        public static partial void KeptLocalCommits(ILogger logger, StackName stack, string commit, string reference);

        [LoggerMessage(LogLevel.Warning, "{Stack}: removed {Count} lock files that a killed git left in {Folder}")]
        public static partial void RemovedLocks(ILogger logger, StackName stack, int count, string folder);

        [LoggerMessage(LogLevel.Warning, "{Stack}: the repository of {WorkTree} is broken and made anew: {Reason}")]
        public static partial void RemakingRepository(ILogger logger, StackName stack, string workTree, string reason);
    }
}
