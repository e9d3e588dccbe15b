using System.Threading.Channels;
using Eclusier.Core.Deployments;
using Eclusier.Core.Drift;
using Eclusier.Core.History;
using Eclusier.Core.Liveness;
using Eclusier.Core.Metrics;
using Eclusier.Core.Reconciliation;
using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Workers;

/// <summary>Does all work on one stack, one thing at a time: polls when due, requests as they come.</summary>
public sealed partial class StackWorker(Stack stack, Reconciler reconciler, Recovery recovery, DriftWatch drift, WayBack wayBack, DeploymentRecorder recorder, IJournal journal, Instruments instruments, TimeSpan patience, TimeProvider timeProvider, ILogger<StackWorker> logger)
{
    private readonly SignsOfLife signs = new(timeProvider, patience);
    private readonly NextLook nextLookAfter = new(Random.Shared);
    private readonly Channel<WorkRequest> requests = Channel.CreateUnbounded<WorkRequest>(new UnboundedChannelOptions { SingleReader = true });
    private volatile Stack stack = stack;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously); // ends a pause before the next try at a recovery
    private volatile Stack? next;
    private volatile bool isToLeave;
    private volatile bool isLeaving;
    private volatile bool hasEnded;
    private TaskCompletionSource<Outcome> nextOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NudgePace nudges = new(timeProvider);
    private Due nextLook = Due.Never;
    private Due nextNudged = Due.Never;
    private int isLookAsked;
    private Task<bool>? asked;

    /// <summary>A reload may change it between two passes.</summary>
    public Stack Stack => stack;

    /// <summary>The journal cannot be written, since when and why: what it says of the stack is older. <c>null</c> while it can.</summary>
    public Trouble? Unwritten { get; private set; }

    /// <summary>Completes with the outcome of the next pass.</summary>
    public Task<Outcome> NextOutcome => Volatile.Read(ref nextOutcome).Task;

    /// <summary>Why the work on the stack does not go on, or <c>null</c> when it does.</summary>
    public string? WhyStuck() => (hasEnded ? "its worker has ended" : signs.WhyMissing()) is { } why ? $"{Stack.Name}: {why}" : null;

    /// <summary>Works until stopped, or until it has left.</summary>
    /// <param name="polls">Looks at the source whenever the interval is over; else only while an earlier request waits for something.</param>
    /// <param name="after">Begins when this has come to its end: another worker may still be busy with what will be this one's.</param>
    public async Task RunAsync(bool polls, Task after, CancellationToken stopping)
    {
        try
        {
            signs.Follow();
            using (SignsOfLife.Expect("what is under way with the settings before", atMost: null))
            {
                await after.WaitAsync(stopping);
            }

            await RecoverAsync(stopping);
            var due = polls ? Due.In(TimeSpan.Zero, timeProvider) : Due.Never;
            while (!isLeaving)
            {
                var request = await NextAsync(due, stopping);
                var outcome = await request.RunAsync(stopping);
                if (outcome is null)
                {
                    continue; // not a pass: the plan it made says nothing of when to look again
                }

                due = polls || outcome is Outcome.Waiting ? Due.In(PlanNext(outcome), timeProvider) : Due.Never;

                Interlocked.Exchange(ref nextOutcome, new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult(outcome);
                IdleMemory.GiveBackAfter(outcome);
            }

            CloseForGood();
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

    private void CloseForGood()
    {
        try
        {
            reconciler.CloseUnfinished(Stack, "the stack is no longer configured");
        }
        catch (FailureException exception)
        {
            NoteUnwritten(exception); // it is closed by who takes the stack up again
        }
    }

    private RequestException NotConfigured() => new($"{Stack.Name} is no longer configured");

    private void AnswerNobody(Exception why)
    {
        requests.Writer.TryComplete();
        while (requests.Reader.TryRead(out var left))
        {
            left.Refuse(why);
        }

        nextOutcome.TrySetException(why);
    }

    /// <summary>A pass, or something that deploys like one, in its turn.</summary>
    public Task<Outcome> PassAsync(Func<CancellationToken, Task<Outcome>> work) => EnqueueAsync<Outcome>(work, outcome => outcome);

    /// <summary>Something happened on the host that may concern the stack: it is looked at in its turn, once for all that happened up to then.</summary>
    public void LookForDrift()
    {
        if (Interlocked.Exchange(ref isLookAsked, 1) == 0)
        {
            requests.Writer.TryWrite(Look());
        }
    }

    /// <summary>Something may have been pushed: it is looked at now, or as soon as <see cref="NudgePace"/> allows, once for all nudges up to then. Never waits.</summary>
    /// <returns><c>false</c>: that was so already.</returns>
    public bool Nudge() => nudges.IsFirst() && requests.Writer.TryWrite(LookNudged());

    /// <summary>Other settings, in their turn: what is under way is finished with those before. Then the stack is looked at.</summary>
    public void Take(Stack settings)
    {
        var poll = Poll();
        next = settings;
        requests.Writer.TryWrite(new WorkRequest<Outcome>(
            stopping =>
            {
                stack = settings;
                return poll.RunAsync(stopping)!;
            },
            outcome => outcome));
        NoteChange();
    }

    /// <summary>Ends, once what is under way and what was asked before is done.</summary>
    public void Leave()
    {
        isToLeave = true;
        requests.Writer.TryWrite(new WorkRequest<Outcome>(
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
        if (!requests.Writer.TryWrite(request))
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
                Log.RecoveryDelayed(logger, Stack.Name, exception.Message);
                NoteTrouble(exception);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested) // one broken stack must not stop the others
            {
                Log.Broken(logger, exception, Stack.Name);
                NoteTrouble(new FailureException(new Failure(FailureKind.Ambiguous, $"what was interrupted cannot be finished: {exception.Message}"), exception));
            }

            var pause = nextLookAfter.Backoff(attempt, Stack.Interval);
            using var expected = SignsOfLife.Expect("the next try to finish what was interrupted", pause);
            await Task.WhenAny(Task.Delay(pause, timeProvider, stopping), change);
            stopping.ThrowIfCancellationRequested();
        }
    }

    private void NoteTrouble(FailureException exception)
    {
        try
        {
            recorder.Check(Stack, journal.ReadState(Stack.Name), head: null, exception.Message, new Trouble(exception.Kind, exception.Message, timeProvider.GetUtcNow()), isRefused: true, isGood: false);
            Unwritten = null;
        }
        catch (FailureException unwritten)
        {
            NoteUnwritten(unwritten);
        }
    }

    /// <summary>A full disk must not end the work on a stack: it is looked at again, and then there may be space.</summary>
    private void NoteUnwritten(FailureException exception)
    {
        if (Unwritten?.Message != exception.Message)
        {
            Log.Unwritten(logger, Stack.Name, exception.Message);
        }

        var now = timeProvider.GetUtcNow();
        Unwritten = new Trouble(exception.Kind, exception.Message, Unwritten?.Since ?? now) { Attempts = (Unwritten?.Attempts ?? 0) + 1 };
    }

    private async Task<WorkRequest> NextAsync(Due poll, CancellationToken stopping)
    {
        while (true)
        {
            var (rest, make) = new (TimeSpan? In, Func<WorkRequest> Make)[] { (nextLook.Rest(timeProvider), Look), (nextNudged.Rest(timeProvider), LookNudged), (poll.Rest(timeProvider), Poll) }
                .MinBy(due => due.In ?? TimeSpan.MaxValue);
            if (requests.Reader.TryRead(out var waiting))
            {
                return waiting;
            }

            if (rest <= TimeSpan.Zero)
            {
                return make();
            }

            await RestAsync(rest, stopping);
        }
    }

    /// <summary>Until the time is over or something is asked for. No exception ends it: each would cost more than what is done at an idle interval.</summary>
    private async Task RestAsync(TimeSpan? time, CancellationToken stopping)
    {
        using var expected = SignsOfLife.Expect("the next check", time);
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        asked ??= requests.Reader.WaitToReadAsync(stopping).AsTask(); // kept when the time is over first
        await Task.WhenAny(asked, Task.Delay(time ?? Timeout.InfiniteTimeSpan, timeProvider, awake.Token));
        stopping.ThrowIfCancellationRequested();
        if (asked.IsCompleted)
        {
            asked = null;
            await awake.CancelAsync(); // the delay
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
            Log.Broken(logger, exception, Stack.Name);
            return DriftLook.Nothing;
        }
    }, _ => null);

    private WorkRequest<Outcome> Poll() => new(stopping => PassAsync(Trigger.Poll, stopping), outcome => outcome);

    private WorkRequest<Nudged> LookNudged() => new(async stopping =>
    {
        if (nudges.Rest() is var rest && rest > TimeSpan.Zero)
        {
            nextNudged = Due.In(rest, timeProvider);
            return new Nudged(null);
        }

        nextNudged = Due.Never;
        nudges.Begin(); // first: what is pushed from here on is looked for again
        return new Nudged(await PassAsync(Trigger.Nudge, stopping));
    }, nudged => nudged.Outcome);

    private async Task<Outcome> PassAsync(Trigger trigger, CancellationToken stopping)
    {
        var began = timeProvider.GetTimestamp();
        instruments.Checks.Add(Stack.Name.Value, trigger.Kind.ToWord());
        try
        {
            var outcome = await reconciler.ReconcileAsync(Stack, trigger, stopping);
            Unwritten = null;
            if (outcome is Outcome.UpToDate or Outcome.Blocked or Outcome.Unavailable)
            {
                instruments.CheckDuration.Add(timeProvider.GetElapsedTime(began));
            }

            await wayBack.KeepOpenAsync(Stack, stopping);
            return outcome;
        }
        catch (FailureException exception) // the reconciler has caught all others: what the pass came to could not be written down
        {
            NoteUnwritten(exception);
            return new Outcome.Unavailable(exception.Failure);
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && stopping.IsCancellationRequested)) // one broken stack must not stop the others
        {
            Log.Broken(logger, exception, Stack.Name);
            return new Outcome.Unavailable(new Failure(FailureKind.Ambiguous, $"the pass ended unexpectedly: {exception.Message}"));
        }
    }

    private TimeSpan PlanNext(Outcome outcome)
    {
        try
        {
            var delay = nextLookAfter.After(outcome, Stack, outcome is Outcome.Unavailable ? journal.ReadState(Stack.Name).Trouble?.Attempts ?? 1 : 1);
            journal.RecordNextCheck(Stack.Name, timeProvider.GetUtcNow() + delay);
            return delay;
        }
        catch (FailureException exception)
        {
            NoteUnwritten(exception);
            return nextLookAfter.Backoff(attempts: 1, Stack.Interval);
        }
    }

    /// <param name="Outcome"><c>null</c>: it is not time yet.</param>
    private sealed record Nudged(Outcome? Outcome);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Stack}: What was interrupted cannot be finished yet: {Reason}")]
        public static partial void RecoveryDelayed(ILogger logger, StackName stack, string reason);

        [LoggerMessage(LogLevel.Error, "{Stack}: What is done cannot be written down, so nothing is begun until it can: {Reason}")]
        public static partial void Unwritten(ILogger logger, StackName stack, string reason);

        [LoggerMessage(LogLevel.Error, "{Stack}: The pass ended unexpectedly")]
        public static partial void Broken(ILogger logger, Exception exception, StackName stack);
    }
}
