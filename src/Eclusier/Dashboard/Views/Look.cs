namespace Eclusier.Dashboard.Views;

/// <summary>How a state or a result looks: a tone, a shape and a word, so that colour alone says nothing.</summary>
/// <param name="Tone"><c>good</c>, <c>busy</c>, <c>warn</c>, <c>bad</c> or <c>quiet</c>: a class of the style sheet.</param>
/// <param name="Icon">The path of a 16×16 drawing.</param>
public sealed record Look(string Tone, string Icon, string Word)
{
    private const string Check = "M4.5 8.5l2.3 2.3 4.7-5.2";
    private const string Cross = "M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4";
    private const string Turn = "M12 8a4 4 0 1 1-1.4-3M10.8 2.6v2.6H8.2";
    private const string Back = "M6.5 4.2L4 6.7l2.5 2.5M4.2 6.7h4.6a2.6 2.6 0 0 1 0 5.2H6";
    private const string Clock = "M8 4.6V8l2.3 1.6";
    private const string Bars = "M6.3 5.2v5.6M9.7 5.2v5.6";
    private const string Exclaim = "M8 4.4v4.3M8 11.2v.2";
    private const string Question = "M6.2 6.2a1.9 1.9 0 1 1 2.7 1.9c-.6.3-.9.6-.9 1.2M8 11.5v.2";
    private const string Dash = "M5 8h6";
    private const string Wave = "M4.2 8.8c1.3-2 2.5-2 3.8-.6s2.500 1.400 3.800-.6";

    public static Look Of(string word) => word switch
    {
        "healthy" or "running" => new("good", Check, Capital(word)),
        "committed" or "up-to-date" or "done" or "ok" => new("good", Check, Capital(word)),
        "deploying" => new("busy", Turn, "Deploying"),
        "waiting" or "starting" or "restarting" or "created" => new("busy", Clock, Capital(word)),
        "behind" => new("warn", Clock, "Behind"),
        "rolled-back" => new("warn", Back, "Rolled back"),
        "drifted" => new("warn", Wave, "Drifted"),
        "unavailable" => new("warn", Question, "Unavailable"),
        "expired" or "paused" => new("warn", Clock, Capital(word)),
        "suspended" => new("quiet", Bars, "Suspended"),
        "unhealthy" or "failed" or "rejected" or "rollback-failed" or "dead" or "exited" or "quarantined" or "refused" => new("bad", word == "unhealthy" ? Exclaim : Cross, Capital(word)),
        "blocked" => new("warn", Bars, "Blocked"),
        "empty" => new("quiet", Dash, "Nothing deployed"),
        "last known good" => new("good", Check, "Last known good"),
        "prepared" or "interrupted" or "superseded" => new("quiet", Dash, Capital(word)),
        _ => new("quiet", Dash, Capital(word)),
    };

    /// <summary>What needs a person comes first.</summary>
    public int Urgency => Tone switch { "bad" => 0, "warn" => 1, "busy" => 2, "quiet" => 3, _ => 4 };

    private static string Capital(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..].Replace('-', ' ');
}
