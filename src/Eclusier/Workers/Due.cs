namespace Eclusier.Workers;

/// <summary>A moment to come, by measured time: putting the clock right neither delays a poll nor brings a storm of them.</summary>
internal readonly record struct Due(long Since, TimeSpan? After)
{
    public static Due Never => default;

    public static Due In(TimeSpan delay, TimeProvider timeProvider) => new(timeProvider.GetTimestamp(), delay);

    /// <returns><c>null</c>: it never comes.</returns>
    public TimeSpan? Rest(TimeProvider timeProvider) => After - timeProvider.GetElapsedTime(Since);
}
