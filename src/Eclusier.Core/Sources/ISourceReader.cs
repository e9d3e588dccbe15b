using Eclusier.Core.Deployments;

namespace Eclusier.Core.Sources;

/// <summary>Reads a repository through a bare mirror that the stacks of one URL share.</summary>
/// <remarks>
/// Every call has a time limit. All throw <see cref="FailureException"/>: transient (server unreachable, slow, 5xx),
/// rejected (branch or commit missing, credentials refused, unknown host key).
/// </remarks>
public interface ISourceReader
{
    /// <summary>Asks the server what the selectors point to, in one question for all of them; fetches nothing.</summary>
    /// <param name="source">The repository and the access to it; its own selector does not count.</param>
    Task<RemoteHeads> ReadHeadsAsync(Source source, IReadOnlyCollection<RevisionSelector> selectors, CancellationToken cancellationToken);

    /// <summary>Asks the server what the source's own selector points to.</summary>
    async Task<Head> ReadHeadAsync(Source source, CancellationToken cancellationToken) => source.Selector is RevisionSelector.Commit commit
        ? commit.Head
        : (await ReadHeadsAsync(source, [source.Selector], cancellationToken)).Of(source.Selector);

    /// <summary>Brings the commit and its history into the mirror, unless it is there.</summary>
    Task<Revision> FetchAsync(Source source, Head head, CancellationToken cancellationToken);

    /// <summary>Whether <paramref name="descendant"/> has <paramref name="ancestor"/> in its history; <c>false</c> too when the mirror no longer has the ancestor.</summary>
    Task<bool> IsDescendantAsync(Source source, CommitId ancestor, CommitId descendant, CancellationToken cancellationToken);
}
