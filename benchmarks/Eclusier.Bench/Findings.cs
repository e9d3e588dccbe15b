namespace Eclusier.Bench;

/// <summary>A line of the table.</summary>
/// <param name="Against">What it is compared with; empty: nothing.</param>
/// <param name="Number">What is held against the target: a ratio, or a size.</param>
/// <param name="Target">Not more than that; <c>null</c>: it is only told.</param>
internal sealed record Finding(string What, string Eclusier, string Against, string Number, double? Value = null, double? Target = null)
{
    /// <summary>Says by how much a target was missed.</summary>
    public string Verdict =>
        Target is not { } target || Value is not { } value ? ""
        : value <= target ? "met"
        : target > 0 ? $"MISSED: {value / target:0.00} × the target" : "MISSED";

    public string TargetText { get; init; } = "";

    public static Finding Ratio(string what, Sample eclusier, Sample against, string unit, double? target = null) =>
        Ratio(what, $"{eclusier} {unit}", $"{against} {unit}", eclusier.Median / against.Median, target);

    public static Finding Ratio(string what, string eclusier, string against, double ratio, double? target = null) =>
        new(what, eclusier, against, $"{ratio:0.00} ×", ratio, target) { TargetText = target is null ? "" : $"≤ {target:0.00} ×" };

    /// <summary>The target is about Eclusier's own number, not the ratio.</summary>
    public Finding HeldAgainst(double value, double target, string unit) => this with { Value = value, Target = target, TargetText = $"≤ {target} {unit}" };

    public static Finding Size(string what, double mebibytes, double? target = null) =>
        new(what, $"{mebibytes:0.0} MiB", "", "", mebibytes, target) { TargetText = target is null ? "" : $"≤ {target:0} MiB" };
}

/// <summary>All that was found, in the order of the table.</summary>
internal sealed class Findings
{
    private readonly List<Finding> rows = [];

    /// <summary>What began and was not brought to its end, with the reason.</summary>
    public List<string> NotMeasured { get; } = [];

    /// <summary>What a run that was broken off did not come to.</summary>
    public List<string> Left { get; } = [];

    public List<RaceResult> Races { get; } = [];

    /// <summary>CPU milliseconds of a poll, by thread.</summary>
    public IReadOnlyList<(string Name, double Milliseconds)> PollThreads { get; set; } = [];

    public IReadOnlyList<Finding> Rows => rows;

    public void Add(params IEnumerable<Finding> findings) => rows.AddRange(findings);
}
