using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Git LFS: files whose content is kept outside git's objects.</summary>
internal sealed class LargeFiles(GitProgram git)
{
    private bool isInstalled;

    /// <summary>Settings under which git writes and reads large files; none when git-lfs is not installed.</summary>
    /// <param name="storage">Where they are kept; <c>null</c>: where the repository's own settings say.</param>
    /// <remarks>Given with every call that writes files: they work without `git lfs install`, and do nothing where no attribute asks for them.</remarks>
    public async Task<IReadOnlyList<(string Name, string Value)>> SettingsAsync(string? storage, CancellationToken cancellationToken) =>
        await IsInstalledAsync(cancellationToken)
            ?
            [
                ("filter.lfs.clean", "git-lfs clean -- %f"),
                ("filter.lfs.smudge", "git-lfs smudge -- %f"),
                ("filter.lfs.process", "git-lfs filter-process"),
                ("filter.lfs.required", "true"),
                .. storage is null ? [] : (IReadOnlyList<(string, string)>)[("lfs.storage", storage)],
                ("lfs.activitytimeout", $"{Math.Max(1, (int)git.Limits.Silence.TotalSeconds)}"),
                ("lfs.dialtimeout", $"{Math.Max(1, (int)git.Limits.Silence.TotalSeconds)}"),
            ]
            : [];

    /// <exception cref="FailureException">Rejected: the commit has large files and git-lfs is not installed.</exception>
    public async Task CheckAsync(GitCommand where, string commit, CancellationToken cancellationToken)
    {
        if (await IsInstalledAsync(cancellationToken))
        {
            return;
        }

        // exit code 1: nothing found
        var attributes = await git.TryAsync(where with { Arguments = ["grep", "--quiet", "--no-recurse-submodules", "-e", "filter=lfs", commit, "--", ":(glob)**/.gitattributes"] }, cancellationToken);
        if (attributes.ExitCode > 1)
        {
            throw GitFailures.Of(where with { Arguments = ["grep"] }, attributes);
        }

        if (attributes.Succeeded)
        {
            throw FailureException.Rejected("the commit has files in Git LFS, and git-lfs is not installed: install the package git-lfs");
        }
    }

    private async Task<bool> IsInstalledAsync(CancellationToken cancellationToken) =>
        isInstalled = isInstalled
            || (await git.TryAsync(new GitCommand(git.Home.StateDirectory, "lfs", "version") { Doing = "looking for git-lfs" }, cancellationToken)).Succeeded;
}
