using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>Fetches what a source points to, and looks whether its history leads there from what is deployed.</summary>
public sealed partial class RevisionFetch(ISourceReader sources, IJournal journal, ILogger<RevisionFetch> logger)
{
    /// <exception cref="FailureException">Rejected, besides what fetching throws: the history was rewritten, and the stack does not follow that.</exception>
    public async Task<Revision> FetchAsync(Stack stack, Deployment deployment, Head head, CancellationToken cancellationToken)
    {
        var revision = await sources.FetchAsync(stack.Source, head, cancellationToken);
        journal.RecordSubject(deployment.Id, revision.Subject, revision.Author);
        var isFirst = deployment.Subject.Length == 0; // what is told of a deployment is told once, not at each of its passes
        if (isFirst)
        {
            SayWhy(stack, deployment, revision);
        }

        var deployed = journal.ReadState(stack.Name).LastKnownGood is { } number ? journal.FindRelease(stack.Name, number)?.Commit : null;
        if (stack.Source.Selector is RevisionSelector.Branch && deployed is not null && deployed != revision.Commit
            && !await sources.IsDescendantAsync(stack.Source, deployed, revision.Commit, cancellationToken))
        {
            if (stack.Source.History == HistoryRule.FastForwardOnly)
            {
                throw FailureException.Rejected($"{revision} does not descend from the deployed {deployed.Short}: history was rewritten, and `history: fast-forward-only` refuses that");
            }

            if (isFirst)
            {
                Log.HistoryRewritten(logger, stack.Name, revision.Commit.Short, deployed.Short);
            }
        }

        return revision;
    }

    private void SayWhy(Stack stack, Deployment deployment, Revision revision)
    {
        if (deployment.Cause is Cause.Commit)
        {
            Log.NewCommit(logger, stack.Name, revision.RefName, revision.Commit.Short, revision.Subject, revision.Author);
        }
        else
        {
            Log.OtherCause(logger, stack.Name, revision.RefName, revision.Commit.Short, revision.Subject, deployment.Cause.ToWord());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: New commit detected: {Ref}@{Commit} \"{Subject}\" by {Author}")]
        public static partial void NewCommit(ILogger logger, StackName stack, string @ref, string commit, string subject, string author);

        [LoggerMessage(LogLevel.Information, "{Stack}: Preparing {Ref}@{Commit} \"{Subject}\": {Cause}")]
        public static partial void OtherCause(ILogger logger, StackName stack, string @ref, string commit, string subject, string cause);

        [LoggerMessage(LogLevel.Warning, "{Stack}: History was rewritten: {Commit} does not descend from the deployed {Deployed}; following it")]
        public static partial void HistoryRewritten(ILogger logger, StackName stack, string commit, string deployed);
    }
}
