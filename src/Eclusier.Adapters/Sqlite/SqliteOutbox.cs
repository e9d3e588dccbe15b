using Eclusier.Adapters.Notifications;
using Eclusier.Core.Notifications;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The outbox in SQLite: what the journal queued.</summary>
public sealed class SqliteOutbox(SqliteDatabase database) : IOutbox
{
    internal const string NextOfRecipient = """
        SELECT delivery.*, event.body FROM delivery JOIN event ON event.id = delivery.event
        WHERE delivery.recipient = $recipient AND delivery.ended_at IS NULL ORDER BY delivery.event LIMIT 1
        """;

    public Delivery? FindNext(string recipient) => database.Read(sql => sql.First(
        NextOfRecipient,
        row => new Delivery(row.Text("recipient"), row.Id("event"), EventJson.Read(row.Text("body")), row.Number("attempts"), row.Time("due_at")),
        ("$recipient", recipient)));

    public void RecordDelivered(Delivery delivery, DateTimeOffset at) => End(delivery, isDelivered: true, "", at);

    public void GiveUp(Delivery delivery, string error, DateTimeOffset at) => End(delivery, isDelivered: false, error, at);

    public void RecordTry(Delivery delivery, string error, DateTimeOffset nextAt) => database.Write(sql => sql.Execute(
        "UPDATE delivery SET attempts = attempts + 1, due_at = $at, error = $error WHERE recipient = $recipient AND event = $event AND ended_at IS NULL",
        ("$recipient", delivery.Recipient),
        ("$event", delivery.Number),
        ("$at", nextAt),
        ("$error", error)));

    public void GiveUpOthers(IReadOnlyList<string> configured, DateTimeOffset at)
    {
        const string Outstanding = "SELECT DISTINCT recipient FROM delivery WHERE ended_at IS NULL";
        const string GiveUp = """
            UPDATE delivery SET ended_at = $at, delivered = 0, error = 'no notifier of this name is configured any more'
            WHERE recipient = $recipient AND ended_at IS NULL
            """;
        foreach (var gone in database.Read(sql => sql.All(Outstanding, row => row.Text("recipient"))).Except(configured))
        {
            database.Write(sql => sql.Execute(GiveUp, ("$recipient", gone), ("$at", at)));
        }
    }

    public void Clean(DateTimeOffset before)
    {
        const string Text = """
            DELETE FROM event WHERE at < $before
            AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.event = event.id AND delivery.ended_at IS NULL)
            """;
        database.Write(sql => sql.Execute(Text, ("$before", before)));
    }

    public IReadOnlyList<RecipientState> ReadStates()
    {
        const string Text = """
            SELECT recipient,
                count(*) FILTER (WHERE ended_at IS NULL) AS outstanding,
                count(*) FILTER (WHERE delivered = 0) AS given_up,
                min(event.at) FILTER (WHERE ended_at IS NULL) AS oldest_at,
                max(ended_at) FILTER (WHERE delivered = 1) AS delivered_at
            FROM delivery JOIN event ON event.id = delivery.event GROUP BY recipient ORDER BY recipient
            """;
        const string Error = """
            SELECT error FROM delivery WHERE recipient = $recipient AND delivered IS NOT 1 AND error <> ''
            ORDER BY (ended_at IS NULL) DESC, CASE WHEN ended_at IS NULL THEN event END, ended_at DESC LIMIT 1
            """;
        return database.Read(sql => sql.All(Text, row => new RecipientState(
            row.Text("recipient"),
            row.Number("outstanding"),
            row.Number("given_up"),
            row.TimeOrNull("oldest_at"),
            row.TimeOrNull("delivered_at"),
            sql.First(Error, error => error.Text("error"), ("$recipient", row.Text("recipient"))) ?? "")));
    }

    private void End(Delivery delivery, bool isDelivered, string error, DateTimeOffset at) => database.Write(sql => sql.Execute(
        "UPDATE delivery SET attempts = attempts + 1, ended_at = $at, delivered = $delivered, error = $error WHERE recipient = $recipient AND event = $event AND ended_at IS NULL",
        ("$recipient", delivery.Recipient),
        ("$event", delivery.Number),
        ("$at", at),
        ("$delivered", isDelivered),
        ("$error", error)));
}
