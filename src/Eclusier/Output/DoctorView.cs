using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>What <c>doctor</c> found: each finding, and below it what to do.</summary>
internal static class DoctorView
{
    public static Page Of(IReadOnlyList<FindingReport> findings) => new Page()
        .Listing(["RESULT", "CHECK", "ABOUT", "FINDING"], [.. findings.SelectMany(Rows)])
        .Gap()
        .Heading(Summary(findings));

    private static IEnumerable<IReadOnlyList<Cell>> Rows(FindingReport finding)
    {
        yield return [new Cell(finding.Level, ToneOf(finding.Level)), new Cell(finding.Check, Tone.Strong), new Cell(finding.Subject, Tone.Quiet), finding.Message];
        if (finding.Remedy is { } remedy)
        {
            yield return ["", "", "", new Cell($"→ {remedy}", ToneOf(finding.Level))];
        }
    }

    private static Cell Summary(IReadOnlyList<FindingReport> findings)
    {
        var (problems, warnings) = (findings.Count(finding => finding.Level == "problem"), findings.Count(finding => finding.Level == "warning"));
        var text = $"{Count(problems, "problem")}, {Count(warnings, "warning")}";
        return new Cell(text, problems > 0 ? Tone.Bad : warnings > 0 ? Tone.Warning : Tone.Good);
    }

    private static string Count(int number, string what) => number switch { 0 => $"no {what}", 1 => $"1 {what}", _ => $"{number} {what}s" };

    private static Tone ToneOf(string level) => level switch { "ok" => Tone.Good, "warning" => Tone.Warning, _ => Tone.Bad };
}
