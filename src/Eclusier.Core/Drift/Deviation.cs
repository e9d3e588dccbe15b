namespace Eclusier.Core.Drift;

/// <summary>One way in which the host is not as the release made it.</summary>
/// <param name="Subject">What it is about: <c>container shop-web-1</c>, <c>network shop_default</c>.</param>
public sealed record Deviation(DeviationKind Kind, string Subject, string Text)
{
    public override string ToString() => $"{Subject} {Text}";
}

/// <summary>What was done to the host.</summary>
public enum DeviationKind
{
    Missing,
    Stopped,
    Paused,
    Renamed,
    Replaced,
    Extra,
    NetworkMissing,
    VolumeMissing,
    FileEdited,
}
