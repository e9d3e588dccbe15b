using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Liveness;
using Eclusier.Core.Sources;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>A bare copy of one repository; everything in it can be fetched again, so a broken one is made anew.</summary>
/// <param name="fetches">Who may fetch at the same time, over all mirrors.</param>
/// <remarks>It has no remote and no credentials: each fetch says what it needs. Only one call at a time changes it.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "the semaphore makes no wait handle, so it holds nothing to dispose of")]
internal sealed partial class GitMirror(string path, GitAddress address, GitProgram git, SemaphoreSlim fetches, ILogger logger)
{
    /// <summary>A commit's tree and parents, and then author, date, seconds since 1970 and subject, divided by NUL.</summary>
    private static readonly string[] Telling = ["log", "-1", "--no-show-signature", "--no-color", "--encoding=UTF-8", "--format=%T%x00%P%x00%an%x00%cI%x00%ct%x00%s"];

    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile ToldCommit? lastTold; // what is asked next is mostly asked of it

    public string Path => path;

    public string Objects => System.IO.Path.Combine(path, "objects");

    /// <summary>Where the repository's large files are kept, once for mirror, staging and work trees.</summary>
    public string LfsStorage => System.IO.Path.Combine(path, "lfs");

    public async Task<bool> HasAsync(CommitId commit, CancellationToken cancellationToken) =>
        Directory.Exists(path)
        && (await git.TryAsync(Here("looking for a commit", "cat-file", "-e", $"{commit}^{{tree}}"), cancellationToken)).Succeeded;

    /// <summary>Brings the commit and its history here, unless it is there.</summary>
    /// <returns>What git says of the commit, in <see cref="Telling"/>'s form from the author on.</returns>
    public async Task<string> FetchAsync(GitAccess access, RevisionSelector selector, CommitId commit, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            if (await TellAsync(commit, cancellationToken) is { } known)
            {
                return known;
            }

            var (result, told) = await TryFetchAsync(access, selector, commit, cancellationToken);
            if (!result.Succeeded && GitFailures.IsLocked(result) && StaleLocks.Remove(path) is > 0 and var count)
            {
                Log.RemovedLocks(logger, count, path);
                (result, told) = await TryFetchAsync(access, selector, commit, cancellationToken);
            }

            if (!result.Succeeded && GitFailures.IsDamaged(result) && !RunningGit.IsIn(path))
            {
                Log.RemadeMirror(logger, path, result.LastErrorLine);
                SetAside();
                (result, told) = await TryFetchAsync(access, selector, commit, cancellationToken);
            }

            return !result.Succeeded ? throw GitFailures.Of(Here("fetching", "fetch") with { Access = access }, result)
                : told ?? (selector is RevisionSelector.Commit
                    ? throw FailureException.Rejected($"commit {commit} does not exist in {access.Address.Display}")
                    : throw FailureException.Transient($"{selector} of {access.Address.Display} moved away from {commit.Short} while it was fetched"));
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>One at a time; another stack may be bringing much here.</summary>
    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        using var expected = SignsOfLife.Expect("the mirror, which another stack uses", atMost: null);
        await gate.WaitAsync(cancellationToken);
    }

    /// <returns><c>null</c>: the commit is not here.</returns>
    private async Task<string?> TellAsync(CommitId commit, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path) || await git.TryAsync(Here("reading a commit", [.. Telling, commit.Value, "--"]), cancellationToken) is not { Succeeded: true } answer)
        {
            return null;
        }

        if (answer.StandardOutput.Split('\0', 3) is not [var tree, var parents, var rest])
        {
            return ""; // whoever reads it says that it cannot be read
        }

        lastTold = new ToldCommit(commit, tree, parents.Split(' '));
        return rest;
    }

    /// <returns>The id of the commit's tree, if it is known without asking.</returns>
    public string? TreeOf(CommitId commit) => lastTold is { } told && told.Commit == commit ? told.Tree : null;

    /// <summary>The files of a commit that is here.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CommitId commit, CancellationToken cancellationToken) =>
        await git.ListAsync(Here("listing a commit's files", "ls-tree", "-r", "--name-only", "-z", commit.Value), cancellationToken);

    public Task<string> ReadAsync(string doing, string[] arguments, CancellationToken cancellationToken) =>
        git.RunAsync(Here(doing, arguments), cancellationToken);

    /// <returns><c>false</c> also when the ancestor is not here.</returns>
    public async Task<bool> IsDescendantAsync(CommitId ancestor, CommitId descendant, CancellationToken cancellationToken)
    {
        if (lastTold is { } told && told.Commit == descendant && told.Parents.Contains(ancestor.Value))
        {
            return true; // so it mostly is, and needs no program
        }

        var command = Here("comparing commits", "merge-base", "--is-ancestor", ancestor.Value, descendant.Value);
        var result = await git.TryAsync(command, cancellationToken);
        return result.ExitCode is 0 or 1 ? result.ExitCode == 0
            : await HasAsync(ancestor, cancellationToken) ? throw GitFailures.Of(command, result)
            : false;
    }

    /// <summary>Points a reference of ours to the commit, or deletes it (<c>null</c>).</summary>
    public async Task ReferAsync(string reference, CommitId? commit, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            await References.SetAsync(git, Here("keeping a commit"), reference, commit, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>As the other; the answer tells whether that was possible, which it is not when the commit is missing.</summary>
    public async Task<bool> TryReferAsync(string reference, CommitId commit, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            return Directory.Exists(path) && await References.TrySetAsync(git, Here("keeping a commit"), reference, commit, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            await Tidying.RunAsync(git, Here("tidying"), logger, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<(ProcessResult Result, string? Told)> TryFetchAsync(GitAccess access, RevisionSelector selector, CommitId commit, CancellationToken cancellationToken)
    {
        await CreateIfMissingAsync(commit, cancellationToken);
        string[] everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        var byId = selector is RevisionSelector.Commit;
        var result = await FetchRefsAsync(access, byId ? [commit.Value] : everything, cancellationToken);
        var told = result.Succeeded ? await TellAsync(commit, cancellationToken) : null;
        if (byId ? !result.Succeeded && GitFailures.IsUnknownCommit(result) : result.Succeeded && told is null)
        {
            // a server that gives no commit out by id has it in its history; one whose branch was rewritten meanwhile may give it out by id
            result = await FetchRefsAsync(access, byId ? everything : [commit.Value], cancellationToken);
            result = !result.Succeeded && GitFailures.IsUnknownCommit(result) ? result with { ExitCode = 0 } : result;
            told = result.Succeeded ? await TellAsync(commit, cancellationToken) : null;
        }

        return (result, told);
    }

    private async Task<ProcessResult> FetchRefsAsync(GitAccess access, string[] references, CancellationToken cancellationToken)
    {
        string[] prune = references.Length > 1 ? ["--prune"] : [];
        string[] arguments = ["fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", .. prune, "--", address.Text, .. references];
        using (SignsOfLife.Expect("its turn to fetch", atMost: null))
        {
            await fetches.WaitAsync(cancellationToken);
        }

        try
        {
            return await git.TryAsync(Here("fetching", arguments) with { Access = access }, cancellationToken);
        }
        finally
        {
            fetches.Release();
        }
    }

    private async Task CreateIfMissingAsync(CommitId commit, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        // under another name until it is complete: a kill leaves no half mirror
        var fresh = path + ".new";
        foreach (var left in Directory.CreateDirectory(fresh).EnumerateFileSystemInfos().Where(entry => entry.Name != "lfs"))
        {
            if (left is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                left.Delete();
            }
        }

        var format = commit.Value.Length == 64 ? "sha256" : "sha1";
        await git.RunAsync(new GitCommand(fresh, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", $"--object-format={format}", ".") { Doing = "making a mirror" }, cancellationToken);
        await git.RunAsync(new GitCommand(fresh, "config", "uploadpack.allowAnySHA1InWant", "true") { IsBare = true, Doing = "making a mirror" }, cancellationToken);
        Directory.Move(fresh, path);
    }

    /// <summary>Only the large files are worth keeping.</summary>
    private void SetAside()
    {
        var damaged = path + ".damaged";
        if (Directory.Exists(damaged))
        {
            Directory.Delete(damaged, recursive: true);
        }

        Directory.Move(path, damaged);
        if (Directory.Exists(System.IO.Path.Combine(damaged, "lfs")))
        {
            Directory.CreateDirectory(path + ".new");
            Directory.Move(System.IO.Path.Combine(damaged, "lfs"), System.IO.Path.Combine(path + ".new", "lfs"));
        }
    }

    /// <param name="Tree">Its id.</param>
    private sealed record ToldCommit(CommitId Commit, string Tree, IReadOnlyList<string> Parents);

    private GitCommand Here(string doing, params string[] arguments) => new(path, arguments) { IsBare = true, Doing = doing };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Removed {Count} lock files that a killed git left in {Mirror}")]
        public static partial void RemovedLocks(ILogger logger, int count, string mirror);

        [LoggerMessage(LogLevel.Warning, "The mirror {Mirror} is damaged and fetched anew: {Reason}")]
        public static partial void RemadeMirror(ILogger logger, string mirror, string reason);
    }
}
