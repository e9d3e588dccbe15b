using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The audit in SQLite.</summary>
public sealed class SqliteAuditLog(SqliteDatabase database) : IAuditLog
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(400);

    public long Begin(AuditedAction action, DateTimeOffset at)
    {
        const string Text = """
            INSERT INTO audit (at, who, role, origin, action, stack, detail, reason)
            VALUES ($at, $who, $role, $from, $action, $stack, $detail, $reason) RETURNING id
            """;
        return database.Write(sql =>
        {
            sql.Execute("DELETE FROM audit WHERE at < $before", ("$before", at - KeptFor));
            return sql.First(
                Text,
                row => row.Id("id"),
                ("$at", at), ("$who", action.Caller.Name), ("$role", action.Caller.Role.ToWord()), ("$from", action.Caller.From),
                ("$action", action.Action), ("$stack", action.Stack?.Value), ("$detail", action.Detail), ("$reason", action.Reason));
        });
    }

    public void End(long id, string result, DateTimeOffset at) => database.Note(sql => sql.Execute(
        "UPDATE audit SET ended_at = $at, result = $result WHERE id = $id AND result IS NULL", ("$at", at), ("$result", result), ("$id", id)));

    public IReadOnlyList<AuditEntry> Read(int limit) => database.Read(sql => sql.All(
        "SELECT * FROM audit ORDER BY id DESC LIMIT $limit",
        row => new AuditEntry(
            row.Id("id"),
            row.Time("at"),
            new AuditedAction(
                new Caller(row.Text("who"), row.Word<Role>("role"), row.Text("origin")),
                row.Text("action"),
                row.TextOrNull("stack") is { } stack ? StackName.Parse(stack) : null,
                row.Text("detail"),
                row.Text("reason")),
            row.TimeOrNull("ended_at"),
            row.TextOrNull("result")),
        ("$limit", limit)));
}
