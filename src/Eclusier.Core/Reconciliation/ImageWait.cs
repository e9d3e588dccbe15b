using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Reconciliation;

/// <summary>What a failure before anything was touched means for its deployment; above all, how long an image is waited for that its registry does not have yet.</summary>
/// <remarks>Time is measured: a clock that is put right meanwhile neither ends a wait nor stretches it. A new agent begins the deployment anew, and the wait with it.</remarks>
public sealed class ImageWait(TimeProvider timeProvider)
{
    /// <summary>By less than this nobody has put the clock right: the deadline that is shown stays the same.</summary>
    private static readonly TimeSpan Slip = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<StackName, Wait> waits = new();

    public Outcome OutcomeOf(Stack stack, Deployment deployment, Failure failure)
    {
        if (failure.Kind is not FailureKind.Waiting)
        {
            return failure.Kind is FailureKind.Rejected or FailureKind.DeploymentFailed ? new Outcome.Rejected(failure) : new Outcome.Unavailable(failure);
        }

        var begun = new Wait(deployment.Id, timeProvider.GetTimestamp(), timeProvider.GetUtcNow());
        var wait = waits.AddOrUpdate(stack.Name, begun, (_, known) => known.Deployment == deployment.Id ? known : begun);
        var waited = timeProvider.GetElapsedTime(wait.Since);
        if (waited >= stack.Images.Wait)
        {
            return new Outcome.Expired(failure with { Message = $"{failure.Message}; waited {stack.Images.Wait.TotalMinutes:0.#} min for it (`images.wait`), nothing was touched" });
        }

        var since = timeProvider.GetUtcNow() - waited;
        since = (since - wait.At).Duration() < Slip ? wait.At : since;
        return new Outcome.Waiting(failure, since, since + stack.Images.Wait);
    }

    /// <summary>A pass ended otherwise: the time in which the registry could not be asked does not count, since CI could not push either.</summary>
    public void Forget(Stack stack) => waits.TryRemove(stack.Name, out _);

    /// <param name="Since">When it began, as <see cref="TimeProvider.GetTimestamp"/> counts.</param>
    /// <param name="At">What the clock on the wall showed then.</param>
    private sealed record Wait(long Deployment, long Since, DateTimeOffset At);
}
