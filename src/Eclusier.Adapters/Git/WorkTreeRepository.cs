using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>A work tree's own repository: there, whole, and with the commits that a move needs without network.</summary>
internal sealed partial class WorkTreeRepository(GitMirrors mirrors, ILogger logger)
{
    private readonly GitProgram git = mirrors.Git;

    public string FolderOf(Stack stack) => Path.Combine(mirrors.StateDirectory, "stacks", stack.Name.Value);

    public string PathOf(Stack stack) => Path.GetFullPath(stack.Checkout ?? Path.Combine(FolderOf(stack), "work")).TrimEnd('/');

    public static bool IsAt(string path) => Path.Exists(Path.Combine(path, ".git"));

    public static GitCommand In(string path, string doing) => new(path) { Doing = doing };

    /// <summary>The work tree's repository; made when its folder is missing or empty.</summary>
    /// <exception cref="FailureException">Rejected: something else is there.</exception>
    public async Task<GitCommand> OpenAsync(Stack stack, CancellationToken cancellationToken)
    {
        var path = PathOf(stack);
        var here = In(path, "preparing the work tree");
        git.Home.Trust(path);
        if (IsAt(path))
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

    /// <summary>Brings the commit from the mirror into the work tree's repository, unless it is there.</summary>
    public async Task SupplyAsync(GitCommand work, GitMirror mirror, CommitId commit, CancellationToken cancellationToken)
    {
        if (!(await git.TryAsync(work with { Arguments = ["cat-file", "-e", $"{commit}^{{tree}}"] }, cancellationToken)).Succeeded)
        {
            string[] fetch = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--", mirror.Path, commit.Value];
            await git.RunAsync(work with { Doing = "bringing the commit into the work tree", Arguments = fetch }, cancellationToken);
        }
    }

    /// <summary>
    /// Packs what the commit has more than the one that is checked out, straight from the mirror's objects into the work tree's repository:
    /// one program, where <see cref="SupplyAsync"/> takes eight and can do it for every kind of clone. The pack appears complete or not at all, as a fetch's.
    /// </summary>
    /// <returns><c>false</c>: it is to be supplied.</returns>
    public async Task<bool> TryPackAsync(GitCommand work, GitMirror mirror, CommitId commit, CancellationToken cancellationToken)
    {
        var packs = Path.Combine(work.Folder, ".git/objects/pack");
        return Directory.Exists(packs) // else its objects are elsewhere
            && (await git.TryAsync(work with
            {
                Doing = "bringing the commit into the work tree",
                Arguments = ["pack-objects", "--revs", "--quiet", "--non-empty", "--delta-base-offset", Path.Combine(packs, "pack")],
                StandardInput = $"{commit}\n^HEAD\n",
                BorrowedObjects = mirror.Objects,
            }, cancellationToken)).Succeeded; // not when nothing is checked out yet
    }

    public async Task<CommitId?> HeadAsync(GitCommand work, CancellationToken cancellationToken)
    {
        var result = await git.TryAsync(work with { Arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"] }, cancellationToken);
        return result.Succeeded ? CommitId.Parse(result.StandardOutput.Trim())
            : result.StandardError.Length == 0 ? null // no commit yet
            : throw GitFailures.Of(work with { Arguments = ["rev-parse"] }, result);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: the repository of {WorkTree} is broken and made anew: {Reason}")]
        public static partial void RemakingRepository(ILogger logger, StackName stack, string workTree, string reason);
    }
}
