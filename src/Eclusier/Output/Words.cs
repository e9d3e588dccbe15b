using Eclusier.Operations;

namespace Eclusier.Output;

/// <summary>The reports' words, as the text output shows them.</summary>
internal static class Words
{
    public static Cell State(string state) => new(state, state switch
    {
        "healthy" or "running" or "committed" or "up-to-date" or "done" => Tone.Good,
        "unhealthy" or "rolled-back" or "rejected" or "rollback-failed" or "failed" or "exited" or "dead" or "quarantined" => Tone.Bad,
        "deploying" or "waiting" or "behind" or "suspended" or "unavailable" or "blocked" or "expired" or "interrupted" or "restarting" or "starting" => Tone.Warning,
        _ => Tone.Plain,
    });

    public static string Commit(string? commit) => commit is { Length: > 7 } ? commit[..7] : commit ?? "";

    public static string Revision(RevisionReport revision) => $"{revision.Ref}@{Commit(revision.Commit)}  {revision.Subject}";

    public static string Release(ReleaseSummary release) => string.Join("  ", new[] { $"#{release.Number}", Commit(release.Commit), release.Subject }.Where(word => word.Length > 0));

    public static Cell ReleaseState(ReleaseSummary release) => release switch
    {
        { QuarantinedAt: not null } => State("quarantined"),
        { IsLastKnownGood: true } => new Cell("last known good", Tone.Good),
        { CommittedAt: not null } => State("committed"),
        _ => "prepared",
    };

    public static string Number(int? release) => release is { } number ? $"#{number}" : "";
}
