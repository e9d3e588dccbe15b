using System.Collections.Concurrent;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Sources;
using Microsoft.Extensions.Logging;

namespace Eclusier.Adapters.Git;

/// <summary>The bare mirrors of all repositories, below <c>sources/</c> of the state directory; what both git adapters share.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "the semaphore makes no wait handle, so it holds nothing to dispose of")]
public sealed class GitMirrors
{
    /// <summary>A push to many repositories, or the first start with many, is not to fill the host with fetches; some that hang must leave room for others.</summary>
    private const int FetchesAtOnce = 8;

    private readonly SemaphoreSlim fetches = new(FetchesAtOnce);
    private readonly ConcurrentDictionary<string, GitMirror> mirrors = new();
    private readonly ILogger logger;

    public GitMirrors(string stateDirectory, IProcessRunner processes, TimeProvider timeProvider, ILogger<GitMirrors> logger, GitLimits? limits = null)
    {
        this.logger = logger;
        StateDirectory = Path.GetFullPath(stateDirectory);
        TimeProvider = timeProvider;
        var home = new GitHome(StateDirectory);
        Git = new GitProgram(home, processes, limits ?? new GitLimits());
        home.DeleteSecretsBefore(timeProvider.GetUtcNow() - 4 * Git.Limits.Fetch);
    }

    public string StateDirectory { get; }

    internal TimeProvider TimeProvider { get; }

    internal GitProgram Git { get; }

    internal GitMirror Of(Source source)
    {
        var address = new GitAddress(source.Repository);
        return mirrors.GetOrAdd(address.Key, key => new GitMirror(Path.Combine(StateDirectory, "sources", $"{key}.git"), address, Git, fetches, logger));
    }

    internal GitAccess AccessTo(Source source) => GitAccess.For(source, Git.Home, Git.Limits);
}
