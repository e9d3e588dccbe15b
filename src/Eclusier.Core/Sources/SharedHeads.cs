using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>Asks sources where they point to: stacks that share one ask once per interval between them.</summary>
public sealed class SharedHeads(ISourceReader sources, SharedAnswers<(string Repository, RevisionSelector Selector, SourceCredential? Credential), Head> shared)
{
    /// <param name="isFresh">Asks in any case: a person wants to know.</param>
    /// <exception cref="Deployments.FailureException">As <see cref="ISourceReader.ReadHeadAsync"/>.</exception>
    public async Task<Head> ReadAsync(Stack stack, bool isFresh, CancellationToken cancellationToken)
    {
        var source = stack.Source;
        var (head, _) = await shared.AskAsync(
            (source.Repository, source.Selector, source.Credential), stack.Name, isFresh ? TimeSpan.Zero : stack.Interval, token => sources.ReadHeadAsync(source, token), cancellationToken);
        return head;
    }
}
