using Eclusier.Adapters.Files;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>Moves a work tree to a commit: edits are saved, owners kept, and files that containers mount stay where they are on the disk.</summary>
internal sealed partial class WorkTreeMove(GitMirrors mirrors, WorkTreeRepository repository, Submodules submodules, LargeFiles largeFiles, ILogger logger)
{
    private readonly GitProgram git = mirrors.Git;
    private readonly LocalEdits localEdits = new(mirrors.Git, mirrors.TimeProvider);

    /// <inheritdoc cref="IWorkTree.MoveAsync"/>
    public async Task<SavedEdits?> RunAsync(Stack stack, CommitId commit, IReadOnlyCollection<string> inPlace, CancellationToken cancellationToken)
    {
        FileMask.LetOthersRead();
        var mirror = mirrors.Of(stack.Source);
        var opened = await repository.OpenAsync(stack, cancellationToken);
        var work = opened with { Settings = await largeFiles.SettingsAsync(mirror.LfsStorage, cancellationToken), Doing = "moving the work tree" };
        var gitFolder = await submodules.GitFolderAsync(work, cancellationToken);
        if (StaleLocks.Remove(gitFolder, work.Folder) is > 0 and var count)
        {
            Log.RemovedLocks(logger, stack.Name, count, gitFolder);
        }

        var before = await LookAsync(work, mirror, commit, cancellationToken);
        var owners = KeptOwners.Note(work.Folder, [.. await TrackedAsync(work, "", before.Index, cancellationToken), .. before.Next.Keys]);
        InPlaceFiles? held = null;
        try
        {
            var saved = await SaveEditsAsync(stack, work, mirror, commit, before, cancellationToken);
            await submodules.RetireAsync(work, before.Populated, before.Next, cancellationToken);
            held = InPlaceFiles.Hold(work.Folder, gitFolder, inPlace);
            string[] move = before.IsOnBranch ? ["reset", "--quiet", "--hard", commit.Value] : ["checkout", "--quiet", "--force", "--detach", commit.Value];
            await git.RunAsync(work with { Arguments = move }, cancellationToken);
            await submodules.CheckOutAsync(work, cancellationToken);
            held.PutBack();
            owners.Restore(before.HasSubmodules ? await TrackedAsync(work, "", await TreeEntries.StagedAsync(git, work, cancellationToken), cancellationToken) : before.Next.Keys);
            return saved;
        }
        finally
        {
            try
            {
                held?.PutBack();
            }
            finally
            {
                owners.Restore([]); // also of what a failed move has written
                KeptOwners.RestoreGitFolder(gitFolder);
            }
        }
    }

    /// <summary>All that a move has to know of the work tree before; asked at once, since each question is a program of its own.</summary>
    private async Task<WorkTreeState> LookAsync(GitCommand work, GitMirror mirror, CommitId next, CancellationToken cancellationToken)
    {
        var heading = repository.HeadAsync(work, cancellationToken);
        var branching = git.TryAsync(work with { Arguments = ["symbolic-ref", "--quiet", "HEAD"] }, cancellationToken);
        var listing = TreeEntries.StagedAsync(git, work, cancellationToken);
        var reading = ReadAsync(work, mirror, next, cancellationToken);
        await Task.WhenAll(heading, branching, listing, reading);
        return new WorkTreeState(await heading, (await branching).Succeeded && await heading is not null, await listing, Submodules.PopulatedAmong(await listing, work.Folder), await reading);
    }

    /// <summary>A release's commit was brought here when it was kept; one that is not here any more comes from the mirror.</summary>
    private async Task<Dictionary<string, TreeEntry>> ReadAsync(GitCommand work, GitMirror mirror, CommitId next, CancellationToken cancellationToken)
    {
        if (await TreeEntries.TryReadAsync(git, work, next.Value, cancellationToken) is { } entries)
        {
            return entries;
        }

        await repository.SupplyAsync(work, mirror, next, cancellationToken);
        return await TreeEntries.ReadAsync(git, work, next.Value, cancellationToken);
    }

    private async Task<SavedEdits?> SaveEditsAsync(Stack stack, GitCommand work, GitMirror mirror, CommitId commit, WorkTreeState before, CancellationToken cancellationToken)
    {
        var head = before.Head;
        var tracked = before.Index.Select(TreeEntries.PathOf).ToHashSet(StringComparer.Ordinal);
        var from = head?.Value ?? (await git.RunAsync(work with { Arguments = ["hash-object", "-w", "-t", "tree", "/dev/null"] }, cancellationToken)).Trim();
        var (keeping, finding) = (KeepLocalCommitsAsync(stack, work, mirror, head, cancellationToken), FilesInTheWay.FindAsync(git, work, commit, tracked, cancellationToken));
        var looking = localEdits.FindAsync(work, from, commit, cancellationToken);
        var adding = head is null ? Task.FromResult<IReadOnlyList<string>>([]) : localEdits.AddedAsync(work, before.Next, cancellationToken);
        await Task.WhenAll(keeping, finding, looking, adding);
        var saved = await localEdits.SaveAsync(work, from, commit, await looking, await finding, before.Populated, Path.Combine(repository.FolderOf(stack), "local-changes"), cancellationToken);
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
    }
}
