using Eclusier.Adapters.Notifications;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Sqlite;

/// <content>What is told: queued in the transaction that decides it.</content>
public sealed partial class SqliteJournal
{
    /// <summary>Something was queued, and is durable.</summary>
    public event Action? Announced;

    public void Announce(Announcement announcement) => WriteAndAnnounce(announcement, sql => Queue(sql, announcement));

    public bool WasTold(string cause) => database.Read(sql => sql.First("SELECT 1 AS told FROM event WHERE cause = $cause", row => row.Number("told"), ("$cause", cause))) == 1;

    private void WriteAndAnnounce(Announcement? announcement, Action<Sql> work)
    {
        database.Write(work);
        if (announcement is not null)
        {
            Announced?.Invoke();
        }
    }

    /// <summary>A cause that was told before stays as it is: nobody is told twice.</summary>
    private static void Queue(Sql sql, Announcement? announcement)
    {
        const string Event = """
            INSERT INTO event (cause, kind, stack, at, body) VALUES ($cause, $kind, $stack, $at, $body)
            ON CONFLICT (cause) DO NOTHING
            RETURNING id
            """;
        if (announcement is not { Event: var told })
        {
            return;
        }

        var id = sql.First(
            Event,
            row => row.Id("id"),
            ("$cause", announcement.Cause),
            ("$kind", told.Kind.ToWord()),
            ("$stack", told.Stack),
            ("$at", told.At),
            ("$body", EventJson.Write(told)));
        if (id == 0)
        {
            return;
        }

        foreach (var recipient in announcement.Recipients)
        {
            sql.Execute("INSERT INTO delivery (recipient, event, due_at) VALUES ($recipient, $event, $at)", ("$recipient", recipient), ("$event", id), ("$at", told.At));
        }
    }
}
