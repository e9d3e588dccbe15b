using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.Liveness;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sharing;

/// <summary>What outside systems answered a short while ago, for all stacks: several that ask the same question cost one request.</summary>
/// <remarks>An answer serves each stack once: who asks again wants to know anew. Who asks while a question is under way gets its answer, also when that is a failure;
/// a failure that will pass serves the others for half as long as an answer: a server in trouble is not asked more often than one that is well.</remarks>
public sealed class SharedAnswers<TQuestion, TAnswer>(TimeProvider timeProvider)
    where TQuestion : notnull
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1); // questions that nobody asks any more are forgotten

    private static readonly TimeSpan Sweep = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<TQuestion, Place> places = new();
    private long sweptAt = timeProvider.GetTimestamp();

    /// <param name="oldest">How long ago another stack may have asked.</param>
    /// <param name="ask">One call at a time per question.</param>
    /// <param name="serves">Whether another's answer says what is wanted; <c>null</c>: always.</param>
    /// <returns>The answer, and when it was asked for.</returns>
    public async Task<(TAnswer Answer, DateTimeOffset At)> AskAsync(TQuestion question, StackName stack, TimeSpan oldest, Func<CancellationToken, Task<TAnswer>> ask, CancellationToken cancellationToken, Func<TAnswer, bool>? serves = null)
    {
        var arrived = timeProvider.GetTimestamp();
        var place = places.GetOrAdd(question, static _ => new Place());
        using (SignsOfLife.Expect("an answer that another stack has asked for", atMost: null))
        {
            await place.Turn.WaitAsync(cancellationToken);
        }

        try
        {
            if (place.Known is { } known && (known.Failure is not null || serves?.Invoke(known.Answer!) != false) && (IsAnswerTo(known, arrived, oldest) || IsGoodFor(known, stack, oldest)))
            {
                known.Takers.Add(stack);
                return known.Failure is { } shared ? throw new FailureException(shared.Failure, shared) : (known.Answer!, known.At);
            }

            return await AskAsync(place, stack, ask, cancellationToken);
        }
        finally
        {
            place.Turn.Release();
        }
    }

    private async Task<(TAnswer Answer, DateTimeOffset At)> AskAsync(Place place, StackName stack, Func<CancellationToken, Task<TAnswer>> ask, CancellationToken cancellationToken)
    {
        var (at, began) = (timeProvider.GetUtcNow(), timeProvider.GetTimestamp());
        try
        {
            var answer = await ask(cancellationToken);
            place.Known = new Remembered(answer, null, at, began, timeProvider.GetTimestamp(), [stack]);
            ForgetOld();
            return (answer, at);
        }
        catch (FailureException exception)
        {
            place.Known = new Remembered(default, exception, at, began, timeProvider.GetTimestamp(), [stack]);
            throw;
        }
    }

    /// <summary>What was asked while this one waited for its turn; who wants to know in any case does not take what was asked before it came.</summary>
    private static bool IsAnswerTo(Remembered known, long arrived, TimeSpan oldest) => (oldest > TimeSpan.Zero ? known.EndedAt : known.BeganAt) > arrived;

    private bool IsGoodFor(Remembered known, StackName stack, TimeSpan oldest) =>
        !known.Takers.Contains(stack) && known.Failure?.Kind is null or FailureKind.Transient
        && timeProvider.GetElapsedTime(known.EndedAt) < (known.Failure is null ? oldest : oldest / 2);

    private void ForgetOld()
    {
        if (timeProvider.GetElapsedTime(Volatile.Read(ref sweptAt)) < Sweep)
        {
            return; // whoever asks would look at what all others asked
        }

        Volatile.Write(ref sweptAt, timeProvider.GetTimestamp());
        foreach (var (question, place) in places)
        {
            if (place.Known is { } known && timeProvider.GetElapsedTime(known.EndedAt) > Lifetime)
            {
                places.TryRemove(question, out _);
            }
        }
    }

    private sealed class Place
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public volatile Remembered? Known;
    }

    private sealed record Remembered(TAnswer? Answer, FailureException? Failure, DateTimeOffset At, long BeganAt, long EndedAt, HashSet<StackName> Takers);
}
