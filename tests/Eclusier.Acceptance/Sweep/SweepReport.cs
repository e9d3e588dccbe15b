using System.Text;
using System.Text.Json;

namespace Eclusier.Acceptance.Sweep;

/// <summary>Collects what the sweeps found, over several invocations, and writes it down in <c>docs/reliability.md</c>.</summary>
/// <remarks>Only with <c>ECLUSIER_WRITE_REPORT=1</c>. A sweep that is done again replaces its own rows; deleting <c>artifacts/sweep</c> begins anew.</remarks>
internal static class SweepReport
{
    private const string Mark = "<!-- written by the sweeps: ECLUSIER_WRITE_REPORT=1 ./test --full Sweep -->";

    private static readonly Lock Gate = new();

    private static bool IsWanted => Environment.GetEnvironmentVariable("ECLUSIER_WRITE_REPORT") is "1";

    /// <summary>Keeps what came of a run.</summary>
    public static void Add(string sweep, SweepResult result) => Keep($"{sweep}.jsonl", [JsonSerializer.Serialize(result)]);

    public static void AddTimes(string name, IEnumerable<double> seconds) => Keep($"{name}.txt", seconds.Select(value => value.ToString("0.000")));

    /// <summary>How many points there are to sweep.</summary>
    public static void Expect(string scenario, int points) => Keep("totals.txt", [$"{scenario}\t{points}"]);

    /// <summary>Whether such a run was done already, and went well.</summary>
    public static bool Has(string sweep, string scenario, string where)
    {
        lock (Gate)
        {
            return IsWanted && Read(sweep).Any(result => result.Scenario == scenario && result.Where == where && result.Violations.Count == 0);
        }
    }

    public static int Count(string sweep)
    {
        lock (Gate)
        {
            return IsWanted ? Read(sweep).Count : 0;
        }
    }

    /// <summary>Writes the page anew, from all that is kept.</summary>
    public static void Write()
    {
        if (!IsWanted)
        {
            return;
        }

        lock (Gate)
        {
            var page = Path.Combine(Root(), "docs", "reliability.md");
            var text = File.ReadAllText(page);
            var begin = text.IndexOf(Mark, StringComparison.Ordinal);
            File.WriteAllText(page, text[..(begin + Mark.Length)] + "\n\n" + Body());
        }
    }

    private static void Keep(string name, IEnumerable<string> lines)
    {
        if (IsWanted)
        {
            lock (Gate)
            {
                File.AppendAllLines(FileOf(name), lines);
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the repository's root was not found");
        }

        return folder.FullName;
    }

    private static string FileOf(string name) => Path.Combine(Directory.CreateDirectory(Path.Combine(Root(), "artifacts", "sweep")).FullName, name);

    private static List<SweepResult> Read(string sweep) => !File.Exists(FileOf($"{sweep}.jsonl")) ? [] :
        [.. File.ReadLines(FileOf($"{sweep}.jsonl")).Select(line => JsonSerializer.Deserialize<SweepResult>(line)!).GroupBy(result => (result.Scenario, result.Where)).Select(group => group.Last())];

    private static Dictionary<string, int> ReadTotals() => !File.Exists(FileOf("totals.txt")) ? [] :
        File.ReadLines(FileOf("totals.txt")).Select(line => line.Split('\t')).GroupBy(parts => parts[0]).ToDictionary(group => group.Key, group => int.Parse(group.Last()[1]));

    private static List<double> ReadTimes(string name) => !File.Exists(FileOf($"{name}.txt")) ? [] : [.. File.ReadLines(FileOf($"{name}.txt")).Select(double.Parse)];

    private static string Body()
    {
        var (points, random) = (Read("points"), Read("random"));
        var stops = Read("stops");
        var all = points.Concat(random).Concat(stops).ToList();
        var text = new StringBuilder();
        text.Append($"Measured on {DateTimeOffset.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors; the test program, the engine and up to six installations share them.\n\n");
        text.Append("| | |\n| --- | --- |\n");
        var totals = ReadTotals();
        text.Append($"| crash points swept | {points.Count} of {totals.Values.Sum()} |\n");
        text.Append($"| runs killed at a point | {points.Count(result => result.Kills > 0)} (the others came to rest before they passed there again) |\n");
        text.Append($"| runs killed at random moments | {random.Count} of 200, with {random.Sum(result => result.Kills)} kills |\n");
        text.Append($"| runs stopped in the middle of a step (`systemctl restart`) | {stops.Count} |\n");
        text.Append($"| runs that violated an invariant | {all.Count(result => result.Violations.Count > 0)} |\n");
        text.Append($"| killed → converged, p50 / p99 | {Percentiles([.. points.Concat(random).Select(result => result.Seconds).OfType<double>()])} |\n");
        text.Append($"| bad push → old bits answer, p50 / p99 | {Percentiles(ReadTimes("back"))} |\n");
        text.Append($"| … of it from where the way back begins, p50 / p99 | {Percentiles(ReadTimes("back-only"))} |\n");
        text.Append($"| bare `docker compose up` of the same way back, p50 / p99 | {Percentiles(ReadTimes("bare"))} |\n\n");
        text.Append("### At crash points\n\n");
        Table(text, points.GroupBy(result => result.Scenario), "scenario");
        text.Append("### At random moments\n\n");
        Table(text, random.GroupBy(result => result.Scenario), "scenario");
        text.Append("### Stopped in the middle of a step\n\n");
        Table(text, stops.GroupBy(result => result.Scenario), "scenario");
        text.Append("### Each crash point\n\nThe step that was under way, the point, how the deployment ended after the restart, and how long that took (–: it was closed already).\n");
        foreach (var scenario in points.GroupBy(result => result.Scenario))
        {
            text.Append($"\n<details><summary>{scenario.Key}: {scenario.Count()} of {totals.GetValueOrDefault(scenario.Key)} points</summary>\n\n| where | ended | s | |\n| --- | --- | ---: | --- |\n");
            foreach (var result in scenario)
            {
                text.Append($"| {result.Where} | {(result.Kills == 0 ? "(not passed) " : "")}{result.Outcome} | {(result.Seconds is { } seconds ? $"{seconds:0.0}" : "–")} | {(result.Violations.Count == 0 ? "ok" : result.Violations[0].Split('\n')[0])} |\n");
            }

            text.Append("\n</details>\n");
        }

        return text.ToString();
    }

    private static void Table(StringBuilder text, IEnumerable<IGrouping<string, SweepResult>> groups, string title)
    {
        text.Append($"| {title} | runs | ended as | killed → converged, p50 / p99 | violations |\n| --- | ---: | --- | --- | ---: |\n");
        foreach (var group in groups)
        {
            var outcomes = string.Join(", ", group.GroupBy(result => result.Outcome).OrderByDescending(outcome => outcome.Count()).Select(outcome => $"{outcome.Key} {outcome.Count()}"));
            text.Append($"| {group.Key} | {group.Count()} | {outcomes} | {Percentiles([.. group.Select(result => result.Seconds).OfType<double>()])} | {group.Count(result => result.Violations.Count > 0)} |\n");
        }

        text.Append('\n');
    }

    private static string Percentiles(List<double> seconds)
    {
        seconds.Sort();
        return seconds.Count == 0 ? "–" : $"{At(0.5):0.0} s / {At(0.99):0.0} s ({seconds.Count})";

        double At(double part) => seconds[Math.Clamp((int)Math.Ceiling(part * seconds.Count) - 1, 0, seconds.Count - 1)];
    }
}
