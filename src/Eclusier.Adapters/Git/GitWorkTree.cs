using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>Work trees that git keeps: clones of our own, without a branch, or adopted ones, which stay on the branch they are on.</summary>
public sealed class GitWorkTree : IWorkTree
{
    private readonly GitMirrors mirrors;
    private readonly GitProgram git;
    private readonly ILogger logger;
    private readonly Submodules submodules;
    private readonly LargeFiles largeFiles;
    private readonly StagingTree stagingTree;
    private readonly UntrackedFiles untrackedFiles;
    private readonly WorkTreeRepository repository;
    private readonly WorkTreeMove move;
    private readonly EditedFiles editedFiles;

    public GitWorkTree(GitMirrors mirrors, ILogger<GitWorkTree> logger)
    {
        (this.mirrors, this.logger) = (mirrors, logger);
        git = mirrors.Git;
        submodules = new Submodules(git);
        largeFiles = new LargeFiles(git);
        stagingTree = new StagingTree(git, submodules, largeFiles, logger);
        untrackedFiles = new UntrackedFiles(git);
        repository = new WorkTreeRepository(mirrors, logger);
        move = new WorkTreeMove(mirrors, repository, submodules, largeFiles, logger);
        editedFiles = new EditedFiles(git);
    }

    public string PathOf(Stack stack) => repository.PathOf(stack);

    public async Task<CommitId?> ReadCommitAsync(Stack stack, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        if (!WorkTreeRepository.IsAt(path))
        {
            return null;
        }

        git.Home.Trust(path);
        return await repository.HeadAsync(WorkTreeRepository.In(path, "reading the work tree's commit"), cancellationToken);
    }

    public async Task<StagedTree> StageAsync(Stack stack, Revision revision, CancellationToken cancellationToken)
    {
        FileMask.LetOthersRead();
        var mirror = mirrors.Of(stack.Source);
        using var access = mirrors.AccessTo(stack.Source);

        // at once; the work tree's own repository gets the commit when the release is kept, beside the pull
        var layingOut = LayOutAsync(stack, mirror, access, revision.Commit, cancellationToken);
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

    public Task<SavedEdits?> MoveAsync(Stack stack, CommitId commit, IReadOnlyCollection<string> inPlace, CancellationToken cancellationToken) =>
        move.RunAsync(stack, commit, inPlace, cancellationToken);

    public async Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId commit, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        if (!WorkTreeRepository.IsAt(path))
        {
            var mirror = mirrors.Of(stack.Source);
            return await mirror.HasAsync(commit, cancellationToken) ? await mirror.ListAsync(commit, cancellationToken) : [];
        }

        git.Home.Trust(path);
        var work = WorkTreeRepository.In(path, "comparing the work tree with its commit");
        return await editedFiles.FindAsync(work, commit, BringAsync, cancellationToken);

        async Task BringAsync()
        {
            await repository.SupplyAsync(work, mirrors.Of(stack.Source), commit, cancellationToken);
            KeptOwners.RestoreGitFolder(await submodules.GitFolderAsync(work, cancellationToken));
        }
    }

    public async Task KeepAsync(Stack stack, int releaseNumber, CommitId commit, CancellationToken cancellationToken)
    {
        var mirror = mirrors.Of(stack.Source);
        var reference = References.Release(stack.Name, releaseNumber);
        var (referring, opening) = (ReferAsync(mirror, reference, commit, cancellationToken), repository.OpenAsync(stack, cancellationToken));
        await Task.WhenAll(referring, opening);
        var work = await opening;
        if (!await repository.TryPackAsync(work, mirror, commit, cancellationToken) || !await References.TrySetAsync(git, work, reference, commit, cancellationToken))
        {
            await repository.SupplyAsync(work, mirror, commit, cancellationToken);
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

        if (WorkTreeRepository.IsAt(PathOf(stack)))
        {
            var work = await repository.OpenAsync(stack, cancellationToken);
            await References.SetAsync(git, work, References.Release(stack.Name, releaseNumber), null, cancellationToken);
            await Tidying.RunAsync(git, work, logger, cancellationToken);
            KeptOwners.RestoreGitFolder(await submodules.GitFolderAsync(work, cancellationToken));
        }
    }

    private static async Task ReferAsync(GitMirror mirror, string reference, CommitId commit, CancellationToken cancellationToken)
    {
        if (!await mirror.TryReferAsync(reference, commit, cancellationToken) && await mirror.HasAsync(commit, cancellationToken))
        {
            await mirror.ReferAsync(reference, commit, cancellationToken); // says why not
        }
    }

    private async Task<StagedFiles> LayOutAsync(Stack stack, GitMirror mirror, GitAccess access, CommitId commit, CancellationToken cancellationToken)
    {
        var reference = References.Staged(stack.Name);
        if (!await mirror.TryReferAsync(reference, commit, cancellationToken))
        {
            await mirror.FetchAsync(access, stack.Source.Selector, commit, cancellationToken); // mends what is broken
            await mirror.ReferAsync(reference, commit, cancellationToken);
        }

        return await stagingTree.LayOutAsync(Path.Combine(repository.FolderOf(stack), "staging"), mirror, access, commit, cancellationToken);
    }

    private async Task<(GitCommand Work, IReadOnlyList<string> Untracked)> ListUntrackedAsync(Stack stack, CancellationToken cancellationToken)
    {
        var work = await repository.OpenAsync(stack, cancellationToken);
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
}
