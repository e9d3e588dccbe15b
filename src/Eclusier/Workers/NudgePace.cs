namespace Eclusier.Workers;

/// <summary>When a stack that is nudged is looked at: at once, but not again within a short while; then once for all nudges that came meanwhile.</summary>
internal sealed class NudgePace(TimeProvider timeProvider)
{
    /// <summary>From the beginning of one look to that of the next.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private long? lookedAt;
    private int isNudged;

    /// <returns><c>false</c>: it was nudged before, and has not been looked at since.</returns>
    public bool IsFirst() => Interlocked.Exchange(ref isNudged, 1) == 0;

    /// <summary>How long to wait with the next look.</summary>
    public TimeSpan Rest() => lookedAt is { } at ? Between - timeProvider.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>A look begins: it serves all nudges so far.</summary>
    public void Begin()
    {
        lookedAt = timeProvider.GetTimestamp();
        Volatile.Write(ref isNudged, 0);
    }
}
