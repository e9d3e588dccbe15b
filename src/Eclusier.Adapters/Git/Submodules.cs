using System.Collections.Concurrent;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>A submodule as it lies in the staging tree.</summary>
/// <param name="Path">Relative to the outermost repository's root.</param>
/// <param name="GitFolder">Its repository, relative to the outermost <c>.git</c>: <c>modules/a/modules/b</c>.</param>
internal sealed record StagedSubmodule(string Path, string GitFolder, CommitId Commit, string Url);

/// <summary>Submodules, one level at a time, so that each level's addresses are those of the commit that is laid out.</summary>
internal sealed class Submodules(GitProgram git)
{
    private readonly ConcurrentDictionary<string, string> gitFolders = new(StringComparer.Ordinal);

    /// <summary>Gitlinks of the index whose folder holds a repository, relative to the work tree.</summary>
    public static async Task<IReadOnlyList<string>> PopulatedAsync(GitProgram git, GitCommand where, CancellationToken cancellationToken) =>
        PopulatedAmong(await TreeEntries.StagedAsync(git, where, cancellationToken), where.Folder);

    /// <param name="entries">What <see cref="TreeEntries.StagedAsync"/> listed.</param>
    public static IReadOnlyList<string> PopulatedAmong(IEnumerable<string> entries, string folder) =>
    [
        .. entries.Where(entry => entry.StartsWith("160000 ", StringComparison.Ordinal))
            .Select(TreeEntries.PathOf)
            .Where(path => System.IO.Path.Exists(System.IO.Path.Combine(folder, path, ".git"))),
    ];

    /// <summary>Fetches and checks out all submodules of the staging tree, and adds what they track to <paramref name="tracked"/>.</summary>
    /// <param name="where">The staging tree, with access to the network.</param>
    public async Task<IReadOnlyList<StagedSubmodule>> StageAsync(GitCommand where, Dictionary<string, TreeEntry> tracked, CancellationToken cancellationToken)
    {
        var gitFolder = await GitFolderAsync(where, cancellationToken);
        var staged = new List<StagedSubmodule>();
        await StageAsync(where, "", gitFolder, tracked, staged, cancellationToken);
        return staged;
    }

    /// <summary>Brings a staged submodule's objects into the work tree's <c>.git</c>, so that the move needs no network.</summary>
    /// <param name="stagingGit">The staging tree's <c>.git</c>.</param>
    /// <param name="workGit">The work tree's <c>.git</c>.</param>
    public async Task SupplyAsync(StagedSubmodule submodule, string stagingGit, string workTree, string workGit, CancellationToken cancellationToken)
    {
        var folder = System.IO.Path.Combine(workTree, submodule.Path);
        // an older clone may keep a submodule's repository inside its folder
        var target = System.IO.Path.Exists(System.IO.Path.Combine(folder, ".git"))
            ? await GitFolderAsync(new GitCommand(folder) { Doing = "looking at a submodule" }, cancellationToken)
            : System.IO.Path.Combine(workGit, submodule.GitFolder);
        var there = new GitCommand(target) { IsBare = true, Doing = $"bringing submodule {submodule.Path} into the work tree" };
        if (!Directory.Exists(target) || !(await git.TryAsync(there with { Arguments = ["rev-parse", "--git-dir"] }, cancellationToken)).Succeeded)
        {
            Directory.CreateDirectory(target);
            var format = submodule.Commit.Value.Length == 64 ? "sha256" : "sha1";
            await git.RunAsync(there with { IsBare = false, Arguments = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", $"--object-format={format}", "."] }, cancellationToken);
            await git.RunAsync(there with { Arguments = ["config", "core.bare", "false"] }, cancellationToken); // git gives it a work tree later
            await git.RunAsync(there with { Arguments = ["config", "remote.origin.url", submodule.Url] }, cancellationToken);
        }

        // the reference keeps it from garbage collection as long as the clone lives: which releases need it is known to the outer repository only
        string[] fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--update-shallow", "--", System.IO.Path.Combine(stagingGit, submodule.GitFolder), $"+HEAD:refs/eclusier/commits/{submodule.Commit}"];
        await git.RunAsync(there with { Arguments = fetch }, cancellationToken);
    }

    /// <summary>Checks out the submodules of a work tree from what was supplied, without network.</summary>
    public async Task CheckOutAsync(GitCommand where, CancellationToken cancellationToken)
    {
        if (!await HasSubmodulesAsync(where, cancellationToken))
        {
            return;
        }

        await git.RunAsync(where with { Arguments = ["submodule", "--quiet", "sync"] }, cancellationToken);
        await git.RunAsync(where with { Arguments = ["submodule", "--quiet", "update", "--init", "--force", "--no-fetch"] }, cancellationToken);
        foreach (var path in await PopulatedAsync(git, where, cancellationToken))
        {
            await CheckOutAsync(where with { Folder = System.IO.Path.Combine(where.Folder, path) }, cancellationToken);
        }
    }

    /// <summary>Takes away the tracked files of submodules that the next commit no longer has; git itself would leave them lying.</summary>
    /// <param name="populated">The submodules that are checked out.</param>
    public async Task RetireAsync(GitCommand where, IReadOnlyList<string> populated, IReadOnlyDictionary<string, TreeEntry> next, CancellationToken cancellationToken)
    {
        foreach (var path in populated)
        {
            var link = System.IO.Path.Combine(where.Folder, path, ".git");
            if ((next.TryGetValue(path, out var entry) && entry.Kind == TreeEntryKind.Submodule) || !File.Exists(link))
            {
                continue; // it stays, or is a whole repository of somebody's: not ours to empty
            }

            var inner = where with { Folder = System.IO.Path.Combine(where.Folder, path) };
            await RetireAsync(inner, await PopulatedAsync(git, inner, cancellationToken), new Dictionary<string, TreeEntry>(), cancellationToken);
            var empty = (await git.RunAsync(inner with { Arguments = ["hash-object", "-w", "-t", "tree", "/dev/null"] }, cancellationToken)).Trim();
            await git.RunAsync(inner with { Arguments = ["read-tree", "--reset", "-u", empty] }, cancellationToken);
            File.Delete(link);
            if (!Directory.EnumerateFileSystemEntries(inner.Folder).Any())
            {
                Directory.Delete(inner.Folder);
            }
        }
    }

    /// <summary>Asked once per folder: a deployment wants to know it again and again, and it stays the same as long as it is a folder of its own.</summary>
    public async Task<string> GitFolderAsync(GitCommand where, CancellationToken cancellationToken)
    {
        var expected = new DirectoryInfo(System.IO.Path.Combine(where.Folder, ".git"));
        if (expected is { Exists: true, LinkTarget: null } && gitFolders.TryGetValue(where.Folder, out var known) && Directory.Exists(known))
        {
            return known;
        }

        return gitFolders[where.Folder] = (await git.RunAsync(where with { Arguments = ["rev-parse", "--absolute-git-dir"] }, cancellationToken)).TrimEnd('\n');
    }

    private async Task StageAsync(GitCommand where, string prefix, string outerGit, Dictionary<string, TreeEntry> tracked, List<StagedSubmodule> staged, CancellationToken cancellationToken)
    {
        if (!await HasSubmodulesAsync(where, cancellationToken))
        {
            return;
        }

        await git.RunAsync(where with { Arguments = ["submodule", "--quiet", "sync"] }, cancellationToken);
        await git.RunAsync(where with { Arguments = ["submodule", "--quiet", "update", "--init", "--force"] }, cancellationToken);
        foreach (var path in await PopulatedAsync(git, where, cancellationToken))
        {
            var inner = where with { Folder = System.IO.Path.Combine(where.Folder, path) };
            await git.RunAsync(inner with { Arguments = ["clean", "-ffdxq"] }, cancellationToken);
            var commit = (await git.RunAsync(inner with { Arguments = ["rev-parse", "HEAD"] }, cancellationToken)).Trim();
            var url = (await git.RunAsync(inner with { Arguments = ["config", "remote.origin.url"] }, cancellationToken)).Trim();
            staged.Add(new StagedSubmodule(prefix + path, System.IO.Path.GetRelativePath(outerGit, await GitFolderAsync(inner, cancellationToken)), CommitId.Parse(commit), url));
            foreach (var (name, entry) in await TreeEntries.ReadAsync(git, inner, commit, cancellationToken))
            {
                tracked[$"{prefix}{path}/{name}"] = entry;
            }

            await StageAsync(inner, $"{prefix}{path}/", outerGit, tracked, staged, cancellationToken);
        }
    }

    /// <summary>Gitlinks without a <c>.gitmodules</c> are left as empty folders, as a plain pull leaves them.</summary>
    private async Task<bool> HasSubmodulesAsync(GitCommand where, CancellationToken cancellationToken) =>
        File.Exists(System.IO.Path.Combine(where.Folder, ".gitmodules"))
        && (await TreeEntries.StagedAsync(git, where, cancellationToken)).Any(entry => entry.StartsWith("160000 ", StringComparison.Ordinal));
}
