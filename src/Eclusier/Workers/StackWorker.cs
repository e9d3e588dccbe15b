using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.History;
using Eclusier.Core.Liveness;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Workers;

/// <summary>Does all work on one stack, one thing at a time: polls when due, requests as they come.</summary>
public sealed class StackWorker(Stack stack, StackPasses passes, Recovery recovery, DriftWatch drift, IdleMemory idleMemory, TimeSpan patience, TimeProvider timeProvider, ILogger<StackWorker> logger)
{
    private readonly SignsOfLife signs = new(timeProvider, patience);
    private readonly WorkQueue requests = new(timeProvider);
    private volatile Stack stack = stack;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously); // ends a pause before the next try at a recovery
    private volatile Stack? next;
    private volatile bool isToLeave;
    private volatile bool isLeaving;
    private volatile bool hasEnded;
    private TaskCompletionSource<Outcome> nextOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NudgePace nudges = new(timeProvider);
    private Due nextPoll = Due.Never;
    private Due nextLook = Due.Never;
    private Due nextNudged = Due.Never;
    private int isLookAsked;

    /// <summary>A reload may change it between two passes.</summary>
    public Stack Stack => stack;

    /// <summary>The journal cannot be written, since when and why: what it says of the stack is older. <c>null</c> while it can.</summary>
    public Trouble? Unwritten => passes.Unwritten;

    /// <summary>Completes with the outcome of the next pass.</summary>
    public Task<Outcome> NextOutcome => Volatile.Read(ref nextOutcome).Task;

    /// <summary>Why the work on the stack does not go on, or <c>null</c> when it does.</summary>
    public string? WhyStuck() => (hasEnded ? "its worker has ended" : signs.WhyMissing()) is { } why ? $"{Stack.Name}: {why}" : null;

    /// <summary>Works until stopped, or until it has left.</summary>
    /// <param name="polls">Looks at the source whenever the interval is over; else only while an earlier request waits for something.</param>
    /// <param name="after">Begins when this has come to its end: another worker may still be busy with what will be this one's.</param>
    /// <param name="firstLookIn">Before the first look at the source; whatever is asked for does not wait.</param>
    public async Task RunAsync(bool polls, Task after, TimeSpan firstLookIn, CancellationToken stopping)
    {
        try
        {
            signs.Follow();
            using (SignsOfLife.Expect("what is under way with the settings before", atMost: null))
            {
                await after.WaitAsync(stopping);
            }

            await RecoverAsync(stopping);
            nextPoll = polls ? Due.In(firstLookIn, timeProvider) : Due.Never;
            while (!isLeaving)
            {
                var request = await requests.NextAsync([(nextLook, Look), (nextNudged, LookNudged), (nextPoll, Poll)], stopping);
                var outcome = await request.RunAsync(stopping);
                if (outcome is null)
                {
                    continue; // not a pass: the plan it made says nothing of when to look again
                }

                nextPoll = polls || outcome is Outcome.Waiting ? Due.In(passes.PlanNext(Stack, outcome), timeProvider) : Due.Never;

                Interlocked.Exchange(ref nextOutcome, new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(outcome);
                idleMemory.GiveBackAfter(outcome);
            }

            passes.CloseForGood(Stack);
            AnswerNobody(NotConfigured());
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            recovery.NoteOrderlyStop(Stack);
            AnswerNobody(new OperationCanceledException(stopping));
        }
        finally
        {
            hasEnded = true;
        }
    }

    private RequestException NotConfigured() => new($"{Stack.Name} is no longer configured");

    private void AnswerNobody(Exception why)
    {
        requests.Close(why);
        nextOutcome.TrySetException(why);
    }

    /// <summary>A pass, or something that deploys like one, in its turn.</summary>
    public Task<Outcome> PassAsync(Func<CancellationToken, Task<Outcome>> work) => EnqueueAsync<Outcome>(work, outcome => outcome);

    /// <summary>Something happened on the host that may concern the stack: it is looked at in its turn, once for all that happened up to then.</summary>
    public void LookForDrift()
    {
        if (Interlocked.Exchange(ref isLookAsked, 1) == 0)
        {
            requests.TryAdd(Look());
        }
    }

    /// <summary>Something may have been pushed: it is looked at now, or as soon as <see cref="NudgePace"/> allows, once for all nudges up to then. Never waits.</summary>
    /// <returns><c>false</c>: that was so already.</returns>
    public bool Nudge() => nudges.IsFirst() && requests.TryAdd(LookNudged());

    /// <summary>Other settings, in their turn: what is under way is finished with those before.</summary>
    /// <param name="lookIn">Then the stack is looked at with them, after so long.</param>
    public void Take(Stack settings, TimeSpan lookIn)
    {
        next = settings;
        requests.TryAdd(new WorkRequest<Stack>(
            _ =>
            {
                (stack, nextPoll) = (settings, Due.In(lookIn, timeProvider));
                passes.BeginAnew();
                return Task.FromResult(settings);
            },
            _ => null));
        NoteChange();
    }

    /// <summary>Ends, once what is under way and what was asked before is done.</summary>
    public void Leave()
    {
        isToLeave = true;
        requests.TryAdd(new WorkRequest<Outcome>(
            _ =>
            {
                isLeaving = true;
                return Task.FromResult<Outcome>(new Outcome.Blocked("the stack is no longer configured"));
            },
            _ => null));
        NoteChange();
    }

    private void NoteChange() => Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Any other work on the stack, in its turn.</summary>
    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> work)
        where T : class => EnqueueAsync(work, _ => null);

    private Task<T> EnqueueAsync<T>(Func<CancellationToken, Task<T>> work, Func<T, Outcome?> outcomeOf)
        where T : class
    {
        var request = new WorkRequest<T>(work, outcomeOf);
        if (!requests.TryAdd(request))
        {
            request.Refuse(isLeaving ? NotConfigured() : new OperationCanceledException("the agent is stopping"));
        }

        return request.Answer;
    }

    /// <summary>Finishes what an agent before left; gives up only when the stack is taken away meanwhile.</summary>
    private async Task RecoverAsync(CancellationToken stopping)
    {
        for (var attempt = 1; !isToLeave; attempt++)
        {
            var change = Volatile.Read(ref changed).Task;
            try
            {
                stack = next ?? stack;
                await recovery.RecoverAsync(Stack, stopping);
                return;
            }
            catch (FailureException exception)
            {
                WorkLog.RecoveryDelayed(logger, Stack.Name, exception.Message);
                passes.NoteTrouble(Stack, exception);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested) // one broken stack must not stop the others
            {
                WorkLog.Broken(logger, exception, Stack.Name);
                passes.NoteTrouble(Stack, new FailureException(new Failure(FailureKind.Ambiguous, $"what was interrupted cannot be finished: {exception.Message}"), exception));
            }

            var pause = passes.Backoff(attempt, Stack);
            using var expected = SignsOfLife.Expect("the next try to finish what was interrupted", pause);
            await Task.WhenAny(Task.Delay(pause, timeProvider, stopping), change);
            stopping.ThrowIfCancellationRequested();
        }
    }

    private WorkRequest<DriftLook> Look() => new(async stopping =>
    {
        Volatile.Write(ref isLookAsked, 0); // first: what happens from here on is looked at again
        nextLook = Due.Never;
        try
        {
            var look = await drift.LookAsync(Stack, stopping);
            nextLook = look.LookAgainAt is { } at ? Due.In(at - timeProvider.GetUtcNow(), timeProvider) : Due.Never;
            return look;
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // as for a poll
        {
            WorkLog.Broken(logger, exception, Stack.Name);
            return DriftLook.Nothing;
        }
    }, _ => null);

    private WorkRequest<Outcome> Poll() => new(stopping => passes.LookAsync(Stack, Trigger.Poll, stopping), outcome => outcome);

    private WorkRequest<Nudged> LookNudged() => new(async stopping =>
    {
        if (nudges.Rest() is var rest && rest > TimeSpan.Zero)
        {
            nextNudged = Due.In(rest, timeProvider);
            return new Nudged(null);
        }

        nextNudged = Due.Never;
        nudges.Begin(); // first: what is pushed from here on is looked for again
        return new Nudged(await passes.LookAsync(Stack, Trigger.Nudge, stopping));
    }, nudged => nudged.Outcome);

    /// <param name="Outcome"><c>null</c>: it is not time yet.</param>
    private sealed record Nudged(Outcome? Outcome);
}
