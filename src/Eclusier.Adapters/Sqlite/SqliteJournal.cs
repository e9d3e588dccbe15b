using System.Collections.Concurrent;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The journal in SQLite. This part: what is remembered of a stack.</summary>
public sealed partial class SqliteJournal(SqliteDatabase database) : IJournal
{
    /// <summary>For so long, a check that found what the one before found is not written down: an idle agent leaves the disk alone.</summary>
    private static readonly TimeSpan LongestUnwritten = TimeSpan.FromMinutes(5);

    /// <summary>What each stack's last checks came to, once this agent has written it down.</summary>
    private readonly ConcurrentDictionary<StackName, LastCheck> lastChecks = new();

    public StackState ReadState(StackName stack)
    {
        const string Text = """
            SELECT *, EXISTS (SELECT 1 FROM deployment WHERE deployment.stack = stack.name AND result IS NULL) AS has_open
            FROM stack WHERE name = $stack
            """;
        var state = database.ReadFirst(Text, ReadState, ("$stack", stack.Value)) ?? new StackState(stack);
        return lastChecks.TryGetValue(stack, out var last) && last.At > last.WrittenAt ? state with { LastCheckAt = last.At, NextCheckAt = last.NextAt ?? state.NextCheckAt } : state;
    }

    public void RecordHead(StackName stack, Head head, DateTimeOffset at)
    {
        const string Text = """
            INSERT INTO stack (name, seen_ref, seen_commit, seen_since) VALUES ($stack, $ref, $commit, $at)
            ON CONFLICT (name) DO UPDATE SET seen_ref = $ref, seen_commit = $commit, seen_since = CASE WHEN seen_commit IS $commit THEN seen_since ELSE $at END
            WHERE seen_ref IS NOT $ref OR seen_commit IS NOT $commit
            """; // most polls see what the one before saw: no write then
        database.Note(sql => sql.Execute(Text, ("$stack", stack.Value), ("$ref", head.RefName), ("$commit", head.Commit.Value), ("$at", at)));
    }

    public void RecordCheck(StackName stack, DateTimeOffset at, Head? head, string message, Trouble? trouble, Announcement? announcement = null)
    {
        const string Text = """
            INSERT INTO stack (name, last_check_at, last_check_message, seen_ref, seen_commit,
                trouble_kind, trouble_message, trouble_since, trouble_until, trouble_attempts)
            VALUES ($stack, $at, $message, $ref, $commit, $kind, $trouble, $since, $until, $attempts)
            ON CONFLICT (name) DO UPDATE SET
                last_check_at = excluded.last_check_at,
                last_check_message = excluded.last_check_message,
                seen_ref = coalesce(excluded.seen_ref, seen_ref),
                seen_commit = coalesce(excluded.seen_commit, seen_commit),
                trouble_kind = excluded.trouble_kind,
                trouble_message = excluded.trouble_message,
                trouble_since = CASE WHEN trouble_kind = excluded.trouble_kind THEN trouble_since ELSE excluded.trouble_since END,
                trouble_until = excluded.trouble_until,
                trouble_attempts = CASE WHEN trouble_kind = excluded.trouble_kind THEN trouble_attempts + 1 ELSE excluded.trouble_attempts END
            """; // on the right, trouble_kind is still the old one
        if (trouble is null && announcement is null && lastChecks.TryGetValue(stack, out var last) && last.IsRepeatedBy(message, head, at))
        {
            lastChecks[stack] = last with { At = at };
            return;
        }

        lastChecks.TryRemove(stack, out _);
        if (announcement is null)
        {
            database.Note(Record); // no disk has to be waited for
        }
        else
        {
            WriteAndAnnounce(announcement, sql =>
            {
                Record(sql);
                Queue(sql, announcement);
            });
        }

        if (trouble is null)
        {
            lastChecks[stack] = new LastCheck(message, head, WrittenAt: at, At: at, NextAt: null);
        }

        void Record(Sql sql) => sql.Execute(
            Text,
            ("$stack", stack.Value),
            ("$at", at),
            ("$message", message),
            ("$ref", head?.RefName),
            ("$commit", head?.Commit.Value),
            ("$kind", trouble?.Kind.ToWord()),
            ("$trouble", trouble?.Message),
            ("$since", trouble?.Since),
            ("$until", trouble?.Until),
            ("$attempts", trouble is null ? null : 1));
    }

    public void RecordNextCheck(StackName stack, DateTimeOffset at)
    {
        if (lastChecks.TryGetValue(stack, out var last) && last.At > last.WrittenAt)
        {
            lastChecks[stack] = last with { NextAt = at };
            return;
        }

        ChangeStack(stack, "next_check_at = $at", ("$at", at));
    }

    public void Suspend(StackName stack, string reason, DateTimeOffset at, Announcement? announcement = null) => WriteAndAnnounce(announcement, sql =>
    {
        ChangeStack(sql, stack, "suspended_because = $reason, suspended_at = $at", ("$reason", reason), ("$at", at));
        Queue(sql, announcement);
    });

    public void Resume(StackName stack, Announcement? announcement = null) => WriteAndAnnounce(announcement, sql =>
    {
        ChangeStack(sql, stack, "suspended_because = NULL, suspended_at = NULL");
        Queue(sql, announcement);
    });

    public void Settle(StackName stack, string? key) => ChangeStack(stack, "settled_key = $key", ("$key", key));

    public void RecordDrift(StackName stack, DriftState? drift, Announcement? announcement = null) => WriteAndAnnounce(announcement, sql =>
    {
        ChangeStack(sql, stack, "drift_message = $message, drift_since = $since", ("$message", drift?.Message), ("$since", drift?.Since));
        Queue(sql, announcement);
    });

    public void RecordBoot(StackName stack, string bootId) => ChangeStack(stack, "boot_id = $boot", ("$boot", bootId));

    public void RecordFollowedDigests(StackName stack, string digests, DateTimeOffset at) =>
        ChangeStack(stack, "followed_digests = $digests, followed_at = $at", ("$digests", digests), ("$at", at));

    public void RecordYoungImages(StackName stack, string images) => ChangeStack(stack, "young_images = $images", ("$images", images));

    public void RecordLoadedFiles(StackName stack, string loaded) => database.Write(sql => ChangeStack(sql, stack, "loaded_files = $loaded", ("$loaded", loaded)));

    private void ChangeStack(StackName stack, string assignments, params IReadOnlyList<(string Name, object? Value)> parameters) =>
        database.Note(sql => ChangeStack(sql, stack, assignments, parameters));

    private static void ChangeStack(Sql sql, StackName stack, string assignments, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        EnsureStack(sql, stack);
        sql.Execute($"UPDATE stack SET {assignments} WHERE name = $stack", [("$stack", stack.Value), .. parameters]);
    }

    private static void EnsureStack(Sql sql, StackName stack) =>
        sql.Execute("INSERT INTO stack (name) VALUES ($stack) ON CONFLICT DO NOTHING", ("$stack", stack.Value));

    private static StackState ReadState(Row row) => new(StackName.Parse(row.Text("name")))
    {
        Suspension = row.TextOrNull("suspended_because") is { } reason ? new Suspension(reason, row.Time("suspended_at")) : null,
        LastKnownGood = row.NumberOrNull("last_known_good"),
        Applied = row.NumberOrNull("applied"),
        SettledKey = row.TextOrNull("settled_key"),
        SeenSince = row.TimeOrNull("seen_since"),
        SeenHead = row.CommitOrNull("seen_commit") is { } commit ? new Head(row.Text("seen_ref"), commit) : null,
        FollowedDigests = row.TextOrNull("followed_digests"),
        FollowedAt = row.TimeOrNull("followed_at"),
        YoungImages = row.TextOrNull("young_images"),
        LoadedFiles = row.TextOrNull("loaded_files"),
        BootId = row.TextOrNull("boot_id"),
        LastCheckAt = row.TimeOrNull("last_check_at"),
        LastCheckMessage = row.Text("last_check_message"),
        NextCheckAt = row.TimeOrNull("next_check_at"),
        Trouble = row.TextOrNull("trouble_kind") is null ? null : ReadTrouble(row),
        Drift = row.TextOrNull("drift_message") is { } drift ? new DriftState(drift, row.Time("drift_since")) : null,
        HasOpen = row.Number("has_open") == 1,
    };

    /// <param name="At">When the check was made; later than <paramref name="WrittenAt"/>: nothing but this is news, and it is only remembered.</param>
    /// <param name="NextAt">When the next one is to be made, if that is only remembered, too.</param>
    private sealed record LastCheck(string Message, Head? Head, DateTimeOffset WrittenAt, DateTimeOffset At, DateTimeOffset? NextAt)
    {
        public bool IsRepeatedBy(string message, Head? head, DateTimeOffset at) =>
            head is not null && head == Head && message == Message && at > WrittenAt && at - WrittenAt < LongestUnwritten;
    }

    private static Trouble ReadTrouble(Row row) =>
        new(row.Word<FailureKind>("trouble_kind"), row.Text("trouble_message"), row.Time("trouble_since"), row.TimeOrNull("trouble_until"))
        {
            Attempts = row.Number("trouble_attempts"),
        };
}
