using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>The agent is killed at its crash points and started again: at rest nothing is half done. A part of all points.</summary>
public sealed class KillSweepSpecs
{
    [Fact]
    public Task In_a_good_commit() => SweepAsync(
        Scenario.GoodCommit, "releases.publish.after", "compose.up.running.400ms", "journal.begin.soak.after", "journal.close.committed.before");

    [Fact]
    public Task In_a_bad_commit() => SweepAsync(Scenario.BadCommit, "compose.up.after", "journal.end.health-gate.before");

    [Fact]
    public Task In_a_rollback() => SweepAsync(Scenario.Rollback, "journal.begin.roll-back.after", "compose.up.after:2", "journal.close.rolled-back.before");

    [Fact]
    public Task In_a_manual_rollback() => SweepAsync(Scenario.ManualRollback, "compose.up.running.400ms", "journal.close.committed.before");

    [Fact]
    public Task In_the_first_deployment_over_a_running_project() => SweepAsync(Scenario.FirstAdoption, "journal.adopt.after", "compose.up.after");

    private static Task SweepAsync(Scenario scenario, params string[] points) => new SweepRunner("part").RunAsync(points, installations: 1, async (stack, point) =>
    {
        var parts = point.Split(':');
        var result = await SweepRunner.KillAtAsync(stack, scenario, new CrashSite(scenario.Title(), parts[0], parts.Length > 1 ? int.Parse(parts[1]) : 1));
        return result.Kills > 0 ? result : result with { Violations = [.. result.Violations, "it was not killed: the point was never passed"] };
    });
}

/// <summary>The same at every point that a run of each scenario passes, as the program itself tells them.</summary>
/// <remarks><c>ECLUSIER_SWEEP_POINT=NAME</c> runs only the points whose name holds that; <see cref="SweepRunner"/> says how to do it in slices.</remarks>
[Trait("Length", "Long")]
public sealed class WholeKillSweepSpecs
{
    /// <summary>What depends on the moment (the last look of a gate) may not come again in the run that is to die there.</summary>
    private const double MostNotPassed = 0.15;

    [Fact]
    public Task In_a_good_commit() => SweepAsync(Scenario.GoodCommit);

    [Fact]
    public Task In_a_bad_commit() => SweepAsync(Scenario.BadCommit);

    [Fact]
    public Task In_a_rollback() => SweepAsync(Scenario.Rollback);

    [Fact]
    public Task In_a_manual_rollback() => SweepAsync(Scenario.ManualRollback);

    [Fact]
    public Task In_the_first_deployment_over_a_running_project() => SweepAsync(Scenario.FirstAdoption);

    private static async Task SweepAsync(Scenario scenario)
    {
        var sites = SitesOf(scenario, await TraceAsync(scenario));
        Assert.True(sites.Count > 20, $"only {sites.Count} points: {string.Join(", ", sites)}");
        SweepReport.Expect(scenario.Title(), sites.Count);
        var runner = new SweepRunner("points");
        var name = Environment.GetEnvironmentVariable("ECLUSIER_SWEEP_POINT") ?? "";
        var wanted = sites.Where(site => site.Point.Contains(name, StringComparison.Ordinal) && !SweepReport.Has("points", scenario.Title(), $"{site}")).ToArray();
        new Random(0).Shuffle(wanted); // a sweep that is cut short has been everywhere
        await runner.RunAsync(wanted, installations: 2, (stack, site) => SweepRunner.KillAtAsync(stack, scenario, site));
        Assert.True(runner.Results.Count(result => result.Kills == 0) <= MostNotPassed * sites.Count, "too many points were not passed again");
    }

    /// <summary>A run in which nobody is killed.</summary>
    private static async Task<IReadOnlyList<CrashSite>> TraceAsync(Scenario scenario)
    {
        await using var stack = await SweptStack.CreateAsync();
        var attempt = await stack.PrepareAsync(scenario);
        var file = Path.Combine(stack.Host.Folder, "trace");
        var result = await SweepRunner.JudgedAsync(stack, attempt, "not killed", async () =>
        {
            await using var program = stack.Start(attempt, (SweptStack.CrashTraceFile, file));
            return await stack.DiesAsync(program, attempt) ? 1 : 0;
        });
        Assert.True(result is { Kills: 0, Violations: [] }, $"{result}");
        return CrashTrace.Read(file);
    }

    private static List<CrashSite> SitesOf(Scenario scenario, IReadOnlyList<CrashSite> sites)
    {
        var back = sites.ToList().FindIndex(site => site.Point == "journal.begin.roll-back.before");
        return [.. scenario switch
        {
            Scenario.BadCommit => sites.Take(back),
            Scenario.Rollback => sites.Skip(back),
            _ => sites,
        }];
    }
}
