using Eclusier.Core.Deployments;

namespace Eclusier.Workers;

/// <summary>Something that a stack's worker is to do in its turn.</summary>
internal abstract class WorkRequest
{
    /// <returns>The pass's outcome, or <c>null</c> when it was none.</returns>
    public abstract Task<Outcome?> RunAsync(CancellationToken stopping);

    public abstract void Refuse(Exception why);
}

/// <param name="outcomeOf">What the work came to as a pass; <c>null</c>: it was none.</param>
internal sealed class WorkRequest<T>(Func<CancellationToken, Task<T>> work, Func<T, Outcome?> outcomeOf) : WorkRequest
    where T : class
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => answer.Task;

    public override async Task<Outcome?> RunAsync(CancellationToken stopping)
    {
        try
        {
            var result = await work(stopping);
            answer.TrySetResult(result);
            return outcomeOf(result);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            answer.TrySetCanceled(stopping);
            throw;
        }
        catch (Exception exception) // whoever asked gets it; the worker goes on
        {
            answer.TrySetException(exception);
            return null;
        }
    }

    public override void Refuse(Exception why) => answer.TrySetException(why);
}
