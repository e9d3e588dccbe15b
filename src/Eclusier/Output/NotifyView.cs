using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>What became of test messages.</summary>
internal static class NotifyView
{
    public static Page Of(NotifyReport report) => new Page().Listing(
        ["NOTIFIER", "TYPE", "RESULT"],
        [.. report.Tests.Select(test => (IReadOnlyList<Cell>)
        [
            new Cell(test.Notifier, Tone.Strong),
            test.Type,
            test.Delivered ? new Cell("delivered", Tone.Good) : new Cell(test.Error ?? "not delivered", Tone.Bad),
        ])]);
}
