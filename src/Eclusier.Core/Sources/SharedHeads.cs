using System.Collections.Concurrent;
using Eclusier.Core.Sharing;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>Asks sources where they point to: the stacks of one repository ask once per interval between them, whatever they follow in it.</summary>
public sealed class SharedHeads(ISourceReader sources, SharedAnswers<(string Repository, SourceCredential? Credential), RemoteHeads> shared)
{
    /// <summary>What the stacks of each repository asked for last.</summary>
    private readonly ConcurrentDictionary<(string Repository, SourceCredential? Credential), ConcurrentDictionary<StackName, RevisionSelector>> wanted = new();

    /// <summary>Where each stack asked last.</summary>
    private readonly ConcurrentDictionary<StackName, (string Repository, SourceCredential? Credential)> questions = new();

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
        var selectors = Want(stack.Name, question, source.Selector);
        var (heads, _) = await shared.AskAsync(
            question,
            stack.Name,
            isFresh ? TimeSpan.Zero : stack.Interval,
            token => sources.ReadHeadsAsync(source, [.. selectors.Values.Distinct()], token),
            cancellationToken,
            heads => heads.Answers(source.Selector));
        return heads.Of(source.Selector);
    }

    /// <returns>What is wanted of the repository by all who ask it.</returns>
    private ConcurrentDictionary<StackName, RevisionSelector> Want(StackName stack, (string Repository, SourceCredential? Credential) question, RevisionSelector selector)
    {
        if (questions.TryGetValue(stack, out var before) && before != question && wanted.TryGetValue(before, out var others))
        {
            others.TryRemove(stack, out _);
        }

        questions[stack] = question;
        var selectors = wanted.GetOrAdd(question, static _ => new());
        selectors[stack] = selector;
        return selectors;
    }
}
