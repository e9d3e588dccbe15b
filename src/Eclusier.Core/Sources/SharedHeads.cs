using System.Collections.Concurrent;
using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>Asks sources where they point to: the stacks of one repository ask once per interval between them, whatever they follow in it.</summary>
public sealed class SharedHeads(ISourceReader sources, SharedAnswers<(string Repository, SourceCredential? Credential), RemoteHeads> shared)
{
    private readonly ConcurrentDictionary<(string Repository, SourceCredential? Credential), ConcurrentDictionary<RevisionSelector, bool>> wanted = new();

    /// <param name="isFresh">Asks in any case: a person wants to know, or something was pushed.</param>
    /// <exception cref="Deployments.FailureException">As <see cref="ISourceReader.ReadHeadsAsync"/>.</exception>
    public async Task<Head> ReadAsync(Stack stack, bool isFresh, CancellationToken cancellationToken)
    {
        var source = stack.Source;
        if (source.Selector is RevisionSelector.Commit commit)
        {
            return commit.Head;
        }

        var question = (source.Repository, source.Credential);
        var selectors = wanted.GetOrAdd(question, static _ => new());
        selectors.TryAdd(source.Selector, true);
        var (heads, _) = await shared.AskAsync(
            question,
            stack.Name,
            isFresh ? TimeSpan.Zero : stack.Interval,
            token => sources.ReadHeadsAsync(source, [.. selectors.Keys], token),
            cancellationToken,
            heads => heads.Answers(source.Selector));
        return heads.Of(source.Selector);
    }
}
