using Eclusier.Adapters.Compose;
using Eclusier.Adapters.Git;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Proposals;

/// <summary>A clone as it is found on the host.</summary>
/// <param name="Root">Its work tree.</param>
/// <param name="Remote">Where it was cloned from, without user name and password.</param>
/// <param name="HadPassword">The remote's address holds a user name or password.</param>
/// <param name="Branch">The remote's branch that it follows; <c>null</c>: none, a commit was checked out.</param>
/// <param name="ComposeFolders">Folders that hold a file which Compose takes by itself, relative to the root.</param>
public sealed record Clone(string Root, string Remote, bool HadPassword, string? Branch, CommitId Commit, IReadOnlyList<string> ComposeFolders);

/// <summary>Reads what a clone says of itself. Nothing in it is changed.</summary>
/// <param name="mirrors">In a folder that is thrown away.</param>
public sealed class CloneReader(GitMirrors mirrors)
{
    /// <exception cref="FailureException">Rejected: there is no clone, or it has no commit or no remote.</exception>
    public async Task<Clone> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        var root = RootOf(directory) ?? throw FailureException.Rejected($"{directory} is not in a git clone: Eclusier deploys from git. Commit the Compose files to a repository, clone it here, and say `eclusier init` in the clone");
        mirrors.Git.Home.Trust(root);
        var commit = await TryAsync(root, cancellationToken, "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
        if (!CommitId.TryParse(commit ?? "", out var head))
        {
            throw FailureException.Rejected($"the clone {root} has no commit yet: commit and push the Compose files first");
        }

        var local = await TryAsync(root, cancellationToken, "symbolic-ref", "--quiet", "--short", "HEAD");
        var remote = (local is null ? null : await TryAsync(root, cancellationToken, "config", "--get", $"branch.{local}.remote")) ?? "origin";
        var address = await TryAsync(root, cancellationToken, "config", "--get", $"remote.{remote}.url")
            ?? throw FailureException.Rejected($"the clone {root} has no remote '{remote}': Eclusier must know where new commits come from. Add it: `git -C {root} remote add {remote} URL`");
        var upstream = local is null ? null : await TryAsync(root, cancellationToken, "config", "--get", $"branch.{local}.merge");
        var bare = GitAddress.WithoutCredentials(address);
        return new Clone(root, AbsoluteOf(bare, root), bare != address, upstream?.Replace("refs/heads/", "", StringComparison.Ordinal) ?? local, head, await FindComposeFoldersAsync(root, cancellationToken));
    }

    private static string? RootOf(string directory)
    {
        for (var folder = new DirectoryInfo(Path.GetFullPath(directory)); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>A path is relative to the clone for git, and must be absolute for Eclusier.</summary>
    private static string AbsoluteOf(string address, string root) =>
        address.StartsWith('.') ? Path.GetFullPath(Path.Combine(root, address)) : address;

    private async Task<IReadOnlyList<string>> FindComposeFoldersAsync(string root, CancellationToken cancellationToken)
    {
        var files = await mirrors.Git.ListAsync(new GitCommand(root, "ls-files", "-z") { Doing = "listing the clone's files" }, cancellationToken);
        return [.. files.Where(file => ComposeProgram.DefaultFiles.Contains(Path.GetFileName(file))).Select(file => Path.GetDirectoryName(file) is { Length: > 0 } folder ? folder : ".").Distinct().Order(StringComparer.Ordinal)];
    }

    private async Task<string?> TryAsync(string root, CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await mirrors.Git.TryAsync(new GitCommand(root, arguments) { Doing = "reading the clone" }, cancellationToken);
        return result.Succeeded && result.StandardOutput.Trim() is { Length: > 0 } text ? text : null;
    }
}
