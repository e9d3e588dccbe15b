using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Notifications;

/// <summary>An event as people read it, before any service's markup.</summary>
/// <param name="Colour">Red, green or grey as <c>0xRRGGBB</c>.</param>
/// <param name="IsBad">Someone should look.</param>
/// <param name="Evidence">Log lines and answers.</param>
internal sealed record Message(string Title, int Colour, bool IsBad, string Text, IReadOnlyList<Fact> Facts, IReadOnlyList<Evidence> Evidence, string? Url)
{
    private const int Red = 0xC62828;
    private const int Green = 0x2E7D32;
    private const int Grey = 0x607D8B;
    private const int LongestText = 800;

    public static Message Of(Event told)
    {
        var isBad = told.Kind is EventKind.Failed or EventKind.RolledBack or EventKind.RollbackFailed or EventKind.Rejected or EventKind.Expired or EventKind.Waiting or EventKind.DatabaseRebuilt;
        var isGood = told.Kind is EventKind.Committed or EventKind.Recovered;
        return new Message(told.Title, isBad ? Red : isGood ? Green : Grey, isBad, Cut(told.Message, LongestText), [.. FactsOf(told)], told.Evidence, told.To?.Url);
    }

    /// <summary>With an ellipsis where it was cut, never within a surrogate pair.</summary>
    public static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var end = Math.Max(longest - 1, 0);
        return $"{text[..(end > 0 && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)]}…";
    }

    private static IEnumerable<Fact> FactsOf(Event told)
    {
        if (told.Deployment?.Step is { } step)
        {
            yield return new Fact("Failed at", step, null);
        }

        if (told.Also.Contains(EventKind.Quarantined))
        {
            yield return new Fact("Quarantine", $"release #{told.To?.Release} is not tried again until it changes; `eclusier retry {told.Stack}` tries it once more", null);
        }

        if (told.To is { } to && to.ToString().Length > 0)
        {
            yield return new Fact("Commit", to.ToString(), to.Url);
        }

        if (told.From is { } from && from.Release != told.To?.Release)
        {
            yield return new Fact("Before", from.ToString(), from.Url);
        }

        if (told.Running is { } running && running != told.To)
        {
            yield return new Fact("Runs now", running.ToString(), running.Url);
        }

        if (told.Deployment?.Seconds is { } seconds)
        {
            yield return new Fact("Took", seconds < 120 ? $"{seconds:0} s" : $"{seconds / 60:0} min", null);
        }

        yield return new Fact("Host", told.Host, null);
    }
}

/// <summary>A line of a message.</summary>
internal sealed record Fact(string Label, string Text, string? Url);
