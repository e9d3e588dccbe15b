using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>The stack's files on the host: the work tree that containers mount, and the staging tree that is only read for rendering.</summary>
/// <remarks>All methods throw <see cref="FailureException"/>, and leave the work tree as it was unless they say otherwise.</remarks>
public interface IWorkTree
{
    /// <summary>The work tree's folder: <see cref="Stack.Checkout"/> or <c>stacks/&lt;name&gt;/work</c>. It need not exist yet.</summary>
    string PathOf(Stack stack);

    /// <summary>The commit the work tree is at, or <c>null</c> when there is none yet.</summary>
    Task<CommitId?> ReadCommitAsync(Stack stack, CancellationToken cancellationToken);

    /// <summary>
    /// Lays the revision's tree (with submodules and LFS files) into the staging folder and, beside it, links to the work tree's
    /// untracked files, so that rendering sees what it will see after <see cref="MoveAsync"/>. Also brings into the work tree's own
    /// <c>.git</c> what a later move needs, so that the move works without network; files of the work tree stay untouched.
    /// </summary>
    /// <exception cref="FailureException">Rejected: an untracked file of the work tree is in the way of a tracked one with other content.</exception>
    Task<StagedTree> StageAsync(Stack stack, Revision revision, CancellationToken cancellationToken);

    /// <summary>
    /// Moves the work tree to a staged commit, without network. Tracked files only; they keep their owner. Local edits to tracked
    /// files are saved as a patch first.
    /// </summary>
    /// <param name="inPlace">Files, relative to the root, that get their new content where they are on the disk, so that who mounts them sees it; other files git writes anew.</param>
    /// <returns>What was not as it had been laid there, or <c>null</c> when all was.</returns>
    Task<SavedEdits?> MoveAsync(Stack stack, CommitId commit, IReadOnlyCollection<string> inPlace, CancellationToken cancellationToken);

    /// <summary>Tracked files of the work tree that differ from the commit, relative to its root; all that the commit tracks, when the work tree is gone.</summary>
    /// <remarks>Cheap while nothing was written: git is asked only when a file's size or times changed since it was asked last.</remarks>
    Task<IReadOnlyList<string>> FindEditsAsync(Stack stack, CommitId commit, CancellationToken cancellationToken);

    /// <summary>Keeps the commit in mirror and work tree even when its branch is rewritten; released when the release is dropped.</summary>
    Task KeepAsync(Stack stack, int releaseNumber, CommitId commit, CancellationToken cancellationToken);

    /// <summary>Gives a kept commit free.</summary>
    Task ReleaseAsync(Stack stack, int releaseNumber, CancellationToken cancellationToken);
}

/// <summary>Files of the work tree that somebody had edited or deleted, and that are as in the commit again.</summary>
/// <param name="Patch">Where the edits were saved before they were overwritten; <c>null</c>: the work tree was made anew, there was nothing to save.</param>
/// <param name="Files">The files, relative to the work tree's root.</param>
public sealed record SavedEdits(string? Patch, IReadOnlyList<string> Files);

/// <summary>A revision's files, laid out for rendering.</summary>
/// <param name="Path">The staging folder (absolute): the repository's root.</param>
/// <param name="ObjectIds">Git object ids by path relative to the root, with <c>/</c>: blobs, trees (the folders too; the root is the empty string) and submodule commits.</param>
public sealed record StagedTree(string Path, IReadOnlyDictionary<string, string> ObjectIds);
