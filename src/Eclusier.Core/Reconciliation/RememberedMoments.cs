namespace Eclusier.Core.Reconciliation;

/// <summary>Time since moments that the journal remembers: over a restart only the clock on the wall tells, and somebody may have put it right meanwhile.</summary>
internal static class RememberedMoments
{
    /// <summary>Whether so much time has passed since; a moment that lies in the future says nothing, and does not hold anything up.</summary>
    public static bool IsOver(this TimeProvider timeProvider, DateTimeOffset since, TimeSpan time)
    {
        var passed = timeProvider.GetUtcNow() - since;
        return passed < TimeSpan.Zero || passed >= time;
    }
}
