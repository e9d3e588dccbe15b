using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Git;

/// <summary>Our own references: they keep commits from git's garbage collection, and no fetch prunes them.</summary>
internal static class References
{
    public static string Release(StackName stack, int number) => $"refs/eclusier/{stack}/{number}";

    public static string Staged(StackName stack) => $"refs/eclusier/{stack}/staged";

    /// <summary>A commit that somebody made in the work tree and that was never pushed.</summary>
    public static string Local(StackName stack, CommitId commit) => $"refs/eclusier/{stack}/local/{commit.Short}";

    /// <param name="where">The repository; its arguments are replaced.</param>
    /// <param name="commit"><c>null</c>: delete it; a missing one is fine.</param>
    public static Task SetAsync(GitProgram git, GitCommand where, string reference, CommitId? commit, CancellationToken cancellationToken) =>
        git.RunAsync(where with { Arguments = ArgumentsFor(reference, commit) }, cancellationToken);

    /// <returns>Whether it was set; git refuses a commit that is not there.</returns>
    public static async Task<bool> TrySetAsync(GitProgram git, GitCommand where, string reference, CommitId commit, CancellationToken cancellationToken) =>
        (await git.TryAsync(where with { Arguments = ArgumentsFor(reference, commit) }, cancellationToken)).Succeeded;

    private static string[] ArgumentsFor(string reference, CommitId? commit) => commit is null ? ["update-ref", "-d", reference] : ["update-ref", reference, commit.Value];
}
