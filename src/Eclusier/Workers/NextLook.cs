using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Workers;

/// <summary>When a stack is looked at again, by what the last pass came to. Spread by chance, so that stacks and hosts do not all ask at once.</summary>
public sealed class NextLook(Random random)
{
    public static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(5);

    /// <summary>Trouble that passes is looked at again at least so often, and nobody who asks for patience gets more; a longer interval of the stack counts for both.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <param name="attempts">How many passes in a row ended in such trouble.</param>
    public TimeSpan After(Outcome outcome, Stack stack, int attempts)
    {
        var interval = IntervalOf(stack);
        return outcome switch
        {
            Outcome.Waiting waiting => About(Shorter(interval, Within((waiting.Until - waiting.Since) / 60, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15)))),
            Outcome.Unavailable { Failure.RetryAfter: { } after } => Longer(Asked(after, stack.Interval), Backoff(attempts, interval)),
            Outcome.Unavailable => Backoff(attempts, interval),
            _ => About(interval),
        };
    }

    /// <summary>After the first look since a start: all stacks had theirs at nearly the same time, from here on they are spread over the whole interval.</summary>
    public TimeSpan AfterFirst(Outcome outcome, Stack stack, int attempts) =>
        outcome is Outcome.Waiting or Outcome.Unavailable ? After(outcome, stack, attempts) : IntervalOf(stack) * (0.1 + random.NextDouble()); // as late as any other at most

    /// <summary>Twice as long each time up to the interval, but for a chance of up to a quarter less: never later than a look that found nothing wrong.</summary>
    public TimeSpan Backoff(int attempts, TimeSpan interval)
    {
        var doubled = FirstBackoff * Math.Pow(2, Math.Clamp(attempts - 1, 0, 16));
        return Shorter(doubled, Shorter(interval, Longest)) * (0.75 + (random.NextDouble() * 0.25));
    }

    private static TimeSpan IntervalOf(Stack stack) => stack.Images.FollowsAny ? Shorter(stack.Images.Interval, stack.Interval) : stack.Interval;

    /// <summary>Not before the time that was asked for: a little later by chance.</summary>
    private TimeSpan Asked(TimeSpan after, TimeSpan interval) => Shorter(after, Longer(interval, Longest)) * (1 + (random.NextDouble() * 0.1));

    private TimeSpan About(TimeSpan time) => time * (0.9 + (random.NextDouble() * 0.2));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Within(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : Shorter(value, most);
}
