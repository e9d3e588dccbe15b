namespace Eclusier.Bench;

/// <summary>What was measured again and again: the middle of it counts, and how far it spreads is told.</summary>
internal sealed record Sample
{
    public Sample(IEnumerable<double> values) => Values = [.. values.Order()];

    /// <summary>Of the changes that are deployed: what a new image brings with it.</summary>
    public static IReadOnlyList<(string Name, int Padding)> Sizes { get; } = [("a small layer (4 KiB)", 4096), ("a layer of 32 MiB", 32 * 1024 * 1024)];

    public IReadOnlyList<double> Values { get; }

    public int Count => Values.Count;

    public double Median => Values.Count % 2 == 1 ? Values[Values.Count / 2] : (Values[(Values.Count / 2) - 1] + Values[Values.Count / 2]) / 2;

    public double Lowest => Values[0];

    public double Highest => Values[^1];

    /// <summary><c>812 (640 to 1204)</c>: the median, lowest and highest.</summary>
    public override string ToString() => Count == 1 ? $"{Median:0.#}" : $"{Shown(Median)} ({Shown(Lowest)} to {Shown(Highest)})";

    private static string Shown(double value) => value < 100 ? $"{value:0.0}" : $"{value:0}";
}
