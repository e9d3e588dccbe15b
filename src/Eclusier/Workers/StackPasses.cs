using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Metrics;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>A stack's passes one after the other: what each came to, and when the next is due.</summary>
public sealed class StackPasses(Reconciler reconciler, WayBack wayBack, DeploymentRecorder recorder, IJournal journal, Instruments instruments, TimeProvider timeProvider, ILogger<StackWorker> logger)
{
    private readonly NextLook nextLookAfter = new(Random.Shared);
    private bool isPlaced; // the looks have their place in the interval

    /// <summary>The journal cannot be written, since when and why: what it says of the stack is older. <c>null</c> while it can.</summary>
    public Trouble? Unwritten { get; private set; }

    /// <summary>The next look is like the first since a start.</summary>
    public void BeginAnew() => isPlaced = false;

    /// <summary>Looks at the source, and does what follows from it. Whatever goes wrong is an outcome, too.</summary>
    public async Task<Outcome> LookAsync(Stack stack, Trigger trigger, CancellationToken stopping)
    {
        var began = timeProvider.GetTimestamp();
        instruments.Checks.Add(stack.Name.Value, trigger.Kind.ToWord());
        try
        {
            var outcome = await reconciler.ReconcileAsync(stack, trigger, stopping);
            Unwritten = null;
            if (outcome is Outcome.UpToDate or Outcome.Blocked or Outcome.Unavailable)
            {
                instruments.CheckDuration.Add(timeProvider.GetElapsedTime(began));
            }

            await wayBack.KeepOpenAsync(stack, stopping);
            return outcome;
        }
        catch (FailureException exception) // the reconciler has caught all others: what the pass came to could not be written down
        {
            NoteUnwritten(stack, exception);
            return new Outcome.Unavailable(exception.Failure);
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && stopping.IsCancellationRequested)) // one broken stack must not stop the others
        {
            WorkLog.Broken(logger, exception, stack.Name);
            return new Outcome.Unavailable(new Failure(FailureKind.Ambiguous, $"the pass ended unexpectedly: {exception.Message}"));
        }
    }

    /// <returns>How long until the source is looked at again, after a pass that came to this.</returns>
    public TimeSpan PlanNext(Stack stack, Outcome outcome)
    {
        try
        {
            var attempts = outcome is Outcome.Unavailable ? journal.ReadState(stack.Name).Trouble?.Attempts ?? 1 : 1;
            var delay = isPlaced ? nextLookAfter.After(outcome, stack, attempts) : nextLookAfter.AfterFirst(outcome, stack, attempts);
            isPlaced |= outcome is not (Outcome.Waiting or Outcome.Unavailable);
            journal.RecordNextCheck(stack.Name, timeProvider.GetUtcNow() + delay);
            return delay;
        }
        catch (FailureException exception)
        {
            NoteUnwritten(stack, exception);
            return Backoff(attempts: 1, stack);
        }
    }

    /// <inheritdoc cref="NextLook.Backoff"/>
    public TimeSpan Backoff(int attempts, Stack stack) => nextLookAfter.Backoff(attempts, stack.Interval);

    /// <summary>The stack is no longer configured: what is open is finished by nobody.</summary>
    public void CloseForGood(Stack stack)
    {
        try
        {
            reconciler.CloseUnfinished(stack, "the stack is no longer configured");
        }
        catch (FailureException exception)
        {
            NoteUnwritten(stack, exception); // it is closed by who takes the stack up again
        }
    }

    /// <summary>What was interrupted cannot be finished for now.</summary>
    public void NoteTrouble(Stack stack, FailureException exception)
    {
        try
        {
            recorder.Check(stack, journal.ReadState(stack.Name), head: null, exception.Message, new Trouble(exception.Kind, exception.Message, timeProvider.GetUtcNow()), isRefused: true, isGood: false);
            Unwritten = null;
        }
        catch (FailureException unwritten)
        {
            NoteUnwritten(stack, unwritten);
        }
    }

    /// <summary>A full disk must not end the work on a stack: it is looked at again, and then there may be space.</summary>
    private void NoteUnwritten(Stack stack, FailureException exception)
    {
        if (Unwritten?.Message != exception.Message)
        {
            WorkLog.Unwritten(logger, stack.Name, exception.Message);
        }

        var now = timeProvider.GetUtcNow();
        Unwritten = new Trouble(exception.Kind, exception.Message, Unwritten?.Since ?? now) { Attempts = (Unwritten?.Attempts ?? 0) + 1 };
    }
}
