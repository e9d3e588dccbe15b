using Eclusier.Core.Applying;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Planning;
using Eclusier.Core.Preparing;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.Reconciliation;

/// <summary>The last look before anything is touched: quarantine, whether there is anything to do at all, and what is in the way.</summary>
public sealed partial class Gates(ReleasePreparer preparer, Planner planner, Reloads reloads, IReleaseStore releases, IJournal journal, ILogger<Gates> logger)
{
    /// <returns><c>null</c>: go ahead.</returns>
    public async Task<Outcome?> FindReasonNotToAsync(Stack stack, StackState state, Candidate candidate, Trigger trigger, CancellationToken cancellationToken)
    {
        if (journal.FindRelease(stack.Name, candidate.Id) is { IsQuarantined: true } quarantined && !trigger.Force)
        {
            return new Outcome.Blocked($"release #{quarantined.Number} is in quarantine ({quarantined.QuarantineReason}); `eclusier retry {stack.Name}` tries it once more");
        }

        var lastKnownGood = state.LastKnownGood is { } number ? journal.FindRelease(stack.Name, number) : null;
        var isTheSame = lastKnownGood?.ModelHash == candidate.ModelHash && state.Applied == state.LastKnownGood && !trigger.Force
            && releases.FindDamage(stack.Name, lastKnownGood!.Id) is null; // a damaged folder is made anew
        return isTheSame && (await PlanAsync(stack, state, await preparer.HashAsync(candidate, cancellationToken), cancellationToken)).IsEmpty
            ? new Outcome.UpToDate($"{candidate.Revision} changes nothing for this stack: release #{lastKnownGood!.Number} stays")
            : null;
    }

    /// <summary>Says what will change.</summary>
    /// <exception cref="FailureException">Transient: something is in the way that can be seen before anything is touched, like a port that is taken.</exception>
    public async Task PassAsync(Stack stack, StackState state, Candidate candidate, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(stack, state, candidate, cancellationToken);
        if (plan.Obstacles.Count > 0)
        {
            throw FailureException.Transient(string.Join("; ", plan.Obstacles));
        }

        Log.Plan(logger, stack.Name, plan.ToString());
    }

    /// <param name="candidate">With config hashes.</param>
    public async Task<Plan> PlanAsync(Stack stack, StackState state, Candidate candidate, CancellationToken cancellationToken)
    {
        var running = (state.Applied ?? state.LastKnownGood) is { } number && journal.FindRelease(stack.Name, number) is { } entry
            ? releases.FindWholeModel(stack.Name, entry.Id)
            : null;
        return await planner.PlanAsync(candidate.Rendered.Project, candidate.Model, candidate.Services, running, reloads.Look(stack, candidate.Model), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Stack}: Plan: {Plan}")]
        public static partial void Plan(ILogger logger, StackName stack, string plan);
    }
}
