namespace Eclusier.Acceptance.Sweep;

/// <summary>The points that a run passed, as the program itself wrote them down: nobody keeps a list of them by hand.</summary>
internal static class CrashTrace
{
    private const string Begin = "journal.begin.";

    /// <summary>The first passing of each point in each step, up to the first rest after a deployment was closed.</summary>
    public static IReadOnlyList<CrashSite> Read(string file)
    {
        var counts = new Dictionary<string, int>();
        var sites = new List<CrashSite>();
        var step = "detect";
        var isClosed = false;
        foreach (var point in File.ReadLines(file))
        {
            var occurrence = counts[point] = counts.GetValueOrDefault(point) + 1;
            if (!sites.Any(site => site.Step == step && site.Point == point))
            {
                sites.Add(new CrashSite(step, point, occurrence));
            }

            if (point.StartsWith(Begin, StringComparison.Ordinal) && point.EndsWith(".after", StringComparison.Ordinal))
            {
                step = point[Begin.Length..^".after".Length];
            }
            else if (point.StartsWith("journal.close.", StringComparison.Ordinal) && point.EndsWith(".after", StringComparison.Ordinal))
            {
                (step, isClosed) = ("closed", true);
            }
            else if (isClosed && point is "journal.check.after")
            {
                break;
            }
        }

        return sites;
    }
}
