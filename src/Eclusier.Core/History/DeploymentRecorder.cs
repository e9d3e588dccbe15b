using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging;

namespace Eclusier.Core.History;

/// <summary>Writes each step of a deployment to the journal before it begins and after it ended, and its end, with what is told of it.</summary>
public sealed partial class DeploymentRecorder(IJournal journal, Announcer announcer, SecretMasks masks, TimeProvider timeProvider, ILogger<DeploymentRecorder> logger)
{
    /// <summary>Writes a deployment's first row, and announces that it begins.</summary>
    public Deployment Open(Stack stack, Cause cause, string causeDetail, CommitId commit, int? previous)
    {
        var deployment = journal.Open(stack.Name, cause, causeDetail, commit, previous, timeProvider.GetUtcNow());
        if (announcer.OfOpening(stack, deployment) is { } announcement)
        {
            journal.Announce(announcement);
        }

        return deployment;
    }

    /// <summary>Closes a deployment, and announces its result in the same transaction.</summary>
    public void Close(Stack stack, long deployment, DeploymentResult result, string reason, IReadOnlyList<Evidence> evidence, StackChange change)
    {
        var now = timeProvider.GetUtcNow();
        var told = Masked(stack, deployment, new Failure(FailureKind.DeploymentFailed, reason) { Evidence = evidence });
        (reason, evidence) = (told.Message, told.Evidence);
        journal.Close(deployment, result, reason, evidence, change, now, announcer.OfClosing(stack, deployment, result, reason, evidence, change, now));
    }

    /// <summary>A failure as it may be told: without the values of secret variables, whoever printed them.</summary>
    public Failure Masked(Stack stack, long deployment, Failure failure) => masks.For(stack, journal.FindDeployment(deployment)?.Release).Apply(failure);

    /// <summary>Records a check, and announces what it brought in the same transaction.</summary>
    /// <param name="before">What was remembered of the stack before it.</param>
    /// <param name="isRefused">The source itself said no: there is no deployment to tell of it.</param>
    /// <param name="isGood">The stack is at what its source says.</param>
    public void Check(Stack stack, StackState before, Head? head, string message, Trouble? trouble, bool isRefused, bool isGood)
    {
        var now = timeProvider.GetUtcNow();
        var announcement = announcer.OfCheck(stack, before, trouble, isRefused, isGood, now);
        journal.RecordCheck(stack.Name, now, head, message, trouble, announcement);
    }

    /// <param name="detail">What came of it, in a few words.</param>
    /// <param name="succeeded">Whether the result means success; <c>null</c>: whatever does not throw.</param>
    public async Task<T> StepAsync<T>(Deployment deployment, Step step, Func<Task<T>> work, Func<T, string> detail, Func<T, bool>? succeeded = null)
    {
        var began = timeProvider.GetTimestamp();
        journal.BeginStep(deployment.Id, step, timeProvider.GetUtcNow());
        T result;
        try
        {
            result = await work();
        }
        catch (FailureException exception)
        {
            End(deployment, step, succeeded: false, exception.Message, began);
            throw;
        }

        End(deployment, step, succeeded?.Invoke(result) ?? true, detail(result), began);
        return result;
    }

    private void End(Deployment deployment, Step step, bool succeeded, string detail, long began)
    {
        detail = succeeded ? detail : masks.For(deployment.Stack, deployment.Release).Apply(detail);
        journal.EndStep(deployment.Id, step, succeeded, detail, timeProvider.GetUtcNow());
        var seconds = timeProvider.GetElapsedTime(began).TotalSeconds;

        // what an earlier pass of the same deployment said already is no news: a wait of hours would fill the journal
        var isNews = !deployment.Steps.Any(earlier => earlier.Step == step && earlier.Succeeded == succeeded && earlier.Detail == detail);
        if (succeeded)
        {
            Log.StepDone(logger, isNews ? LogLevel.Information : LogLevel.Debug, deployment.Stack, step.ToWord(), seconds, detail);
        }
        else
        {
            Log.StepFailed(logger, isNews ? LogLevel.Warning : LogLevel.Debug, deployment.Stack, step.ToWord(), seconds, detail);
        }
    }

    private static partial class Log
    {
        [LoggerMessage("{Stack}: Step {Step} done in {Seconds:0.0} s: {Detail}")]
        public static partial void StepDone(ILogger logger, LogLevel level, StackName stack, string step, double seconds, string detail);

        [LoggerMessage("{Stack}: Step {Step} failed after {Seconds:0.0} s: {Detail}")]
        public static partial void StepFailed(ILogger logger, LogLevel level, StackName stack, string step, double seconds, string detail);
    }
}
