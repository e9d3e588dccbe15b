using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>Who had what done.</summary>
internal sealed class AuditView(Times times)
{
    public Page Of(AuditReport report) => report.Entries.Count == 0
        ? new Page().Sentence("nothing was asked for yet")
        : new Page().Listing(
            ["WHEN", "WHO", "FROM", "WHAT", "WHY", "RESULT"],
            [.. report.Entries.Select(entry => (IReadOnlyList<Cell>)
            [
                times.Absolute(entry.At),
                new Cell(entry.Who, Tone.Strong),
                entry.From,
                string.Join(' ', new[] { entry.Action, entry.Stack, entry.Detail }.Where(part => !string.IsNullOrEmpty(part))),
                entry.Reason,
                entry.Result is { } result ? new Cell(result, result.StartsWith("failed", StringComparison.Ordinal) || result.StartsWith("refused", StringComparison.Ordinal) ? Tone.Bad : Tone.Plain) : new Cell("no end is known", Tone.Quiet),
            ])]);
}
