using System.Collections.Concurrent;
using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>Asks sources where they point to: the stacks of one repository ask once per interval between them, whatever they follow in it.</summary>
public sealed class SharedHeads(ISourceReader sources, SharedAnswers<(string Repository, SourceCredential? Credential), RemoteHeads> shared)
{
    /// <summary>What each stack asked for last.</summary>
    private readonly ConcurrentDictionary<StackName, Source> wanted = new();

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
        wanted[stack.Name] = source;
        var (heads, _) = await shared.AskAsync(
            question,
            stack.Name,
            isFresh ? TimeSpan.Zero : stack.Interval,
            token => sources.ReadHeadsAsync(source, [.. wanted.Values.Where(other => (other.Repository, other.Credential) == question).Select(other => other.Selector).Distinct()], token),
            cancellationToken,
            heads => heads.Answers(source.Selector));
        return heads.Of(source.Selector);
    }
}
