using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>Deployments by result, and how long they take.</summary>
internal sealed class StatsView(Times times)
{
    public Page Of(StatsReport stats)
    {
        var page = OfStacks(stats);
        return stats.Notifiers.Count == 0 ? page : page.Gap().Listing(
            ["NOTIFIER", "OUTSTANDING", "GIVEN UP", "LAST DELIVERED", "TROUBLE"],
            [.. stats.Notifiers.Select(notifier => (IReadOnlyList<Cell>)
            [
                new Cell(notifier.Notifier, Tone.Strong),
                notifier.OldestAt is { } oldest ? $"{notifier.Outstanding}, since {times.Relative(oldest)}" : "none",
                notifier.GivenUp == 0 ? "none" : new Cell($"{notifier.GivenUp}", Tone.Bad),
                notifier.DeliveredAt is { } delivered ? times.Both(delivered) : "never",
                notifier.Error,
            ])]);
    }

    private Page OfStacks(StatsReport stats) => new Page()
        .Heading(stats.DaemonStartedAt is { } started ? $"daemon started {times.Both(started)}" : "the daemon is not running")
        .Gap()
        .Listing(
            ["STACK", "TODAY", "7 DAYS", "TYPICAL TIME", "LAST COMMITTED", "LAST CHECK"],
            [.. stats.Stacks.Select(stack => (IReadOnlyList<Cell>)
            [
                new Cell(stack.Stack, Tone.Strong),
                Counts(stack.Today),
                Counts(stack.SevenDays),
                stack.MedianSeconds is { } seconds ? Times.Exact(TimeSpan.FromSeconds(seconds)) : "",
                stack.LastCommittedAt is { } committed ? times.Both(committed) : "never",
                stack.LastCheckAt is { } check ? times.Relative(check) : "never",
            ])]);

    private static string Counts(IReadOnlyDictionary<string, int> byResult) => byResult.Count == 0
        ? "none"
        : string.Join(", ", byResult.OrderBy(result => result.Key, StringComparer.Ordinal).Select(result => $"{result.Value} {result.Key}"));
}
