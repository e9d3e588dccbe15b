namespace Eclusier.Acceptance.Sweep;

/// <summary>What is under way when the agent is killed.</summary>
public enum Scenario
{
    /// <summary>A commit that passes.</summary>
    GoodCommit,

    /// <summary>A commit that fails at the gate, until the way back begins.</summary>
    BadCommit,

    /// <summary>The same commit, from where the way back begins.</summary>
    Rollback,

    /// <summary><c>eclusier rollback</c>, without a daemon.</summary>
    ManualRollback,

    /// <summary>The first commit over a project that was started by hand.</summary>
    FirstAdoption,
}

internal static class Scenarios
{
    public static string Title(this Scenario scenario) => scenario switch
    {
        Scenario.GoodCommit => "good commit",
        Scenario.BadCommit => "bad commit",
        Scenario.Rollback => "rollback",
        Scenario.ManualRollback => "manual rollback",
        _ => "first adoption",
    };
}

/// <summary>Where to kill: the n-th time that a point is passed, counted from the program's start.</summary>
/// <param name="Step">The step that was under way, for a person: <c>apply</c>.</param>
public sealed record CrashSite(string Step, string Point, int Occurrence)
{
    /// <summary>As <c>ECLUSIER_CRASH_AT</c> takes it.</summary>
    public string Setting => $"{Point}:{Occurrence}";

    public override string ToString() => $"{Step}: {Point}";
}

/// <summary>What came of one run: where it was killed, how it ended, what is wrong about that.</summary>
internal sealed record SweepResult
{
    public required string Scenario { get; init; }

    /// <summary>The crash site, or the seed and the moments of a run with random kills.</summary>
    public required string Where { get; init; }

    /// <summary>How many times it was killed; 0: it came to rest before it passed there.</summary>
    public required int Kills { get; init; }

    /// <summary>How the deployment ended: <c>committed</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>From the last kill until the deployment was closed; <c>null</c>: it was closed before, or never opened.</summary>
    public double? Seconds { get; init; }

    public IReadOnlyList<string> Violations { get; init; } = [];

    public override string ToString() =>
        $"{Scenario,-16} {Where,-50} {(Kills == 0 ? "not passed" : $"killed {Kills}x"),-11} {Outcome,-12} {(Seconds is { } seconds ? $"{seconds:0.0} s" : "-"),7}  {(Violations.Count == 0 ? "ok" : string.Join("; ", Violations))}";
}
