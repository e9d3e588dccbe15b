namespace Eclusier.Output;

/// <summary>Times and durations as a person reads them: how long ago, and the local time.</summary>
public sealed class Times(TimeProvider timeProvider)
{
    public string Clock(DateTimeOffset at) => Local(at).ToString("HH:mm:ss");

    public string Absolute(DateTimeOffset at) => Local(at).ToString("yyyy-MM-dd HH:mm:ss");

    public string Relative(DateTimeOffset at)
    {
        var age = timeProvider.GetUtcNow() - at;
        return age switch
        {
            { TotalSeconds: > -1 and < 1 } => "now",
            { Ticks: > 0 } => $"{Rough(age)} ago",
            _ => $"in {Rough(-age)}",
        };
    }

    /// <summary><c>3 min ago (2026-10-03 14:02:11)</c></summary>
    public string Both(DateTimeOffset at) => $"{Relative(at)} ({Absolute(at)})";

    /// <summary>To the second: <c>1 min 40 s</c>.</summary>
    public static string Exact(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 10 } => $"{Math.Max(duration.TotalSeconds, 0):0.#} s",
        { TotalMinutes: < 1 } => $"{(int)duration.TotalSeconds} s",
        { TotalHours: < 1 } => $"{duration.Minutes} min {duration.Seconds} s",
        _ => $"{(int)duration.TotalHours} h {duration.Minutes} min",
    };

    private static string Rough(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds} s",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h",
        _ => $"{(int)age.TotalDays} days",
    };

    private DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, timeProvider.LocalTimeZone);
}
