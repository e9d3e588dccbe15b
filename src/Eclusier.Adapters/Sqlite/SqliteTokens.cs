using System.Security.Cryptography;
using System.Text;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The tokens in SQLite. Each look is at the database, so that what was revoked counts at once.</summary>
public sealed class SqliteTokens(SqliteDatabase database) : ITokenStore
{
    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromHours(1);

    public IReadOnlyList<Token> ReadAll() => database.Read(sql => sql.All("SELECT * FROM token ORDER BY name", Of));

    public Token? Find(string hash)
    {
        // all are compared, each in the same time: how long it takes tells nothing of the hashes
        Token? found = null;
        var wanted = Encoding.ASCII.GetBytes(hash);
        foreach (var (token, stored) in database.Read(sql => sql.All("SELECT * FROM token", row => (Of(row), row.Text("hash")))))
        {
            if (CryptographicOperations.FixedTimeEquals(wanted, Encoding.ASCII.GetBytes(stored)))
            {
                found = token;
            }
        }

        return found;
    }

    public Token Add(string name, Role role, string hash, DateTimeOffset now, DateTimeOffset? expiresAt)
    {
        const string Text = """
            INSERT INTO token (name, role, hash, created_at, expires_at) VALUES ($name, $role, $hash, $now, $expires)
            ON CONFLICT (name) DO NOTHING RETURNING *
            """;
        return database.Write(sql => sql.First(Text, Of, ("$name", name), ("$role", role.ToWord()), ("$hash", hash), ("$now", now), ("$expires", expiresAt)))
            ?? throw FailureException.Rejected($"there is a token '{name}' already: revoke it first, or take another name");
    }

    public bool Remove(string name) => database.Write(sql => sql.Execute("DELETE FROM token WHERE name = $name", ("$name", name))) > 0;

    public void NoteUse(Token token, DateTimeOffset now)
    {
        if (!(now - token.LastUsedAt < UseNotedEvery))
        {
            database.Note(sql => sql.Execute("UPDATE token SET last_used_at = $now WHERE id = $id", ("$now", now), ("$id", token.Id)));
        }
    }

    private static Token Of(Row row) => new(
        row.Id("id"), row.Text("name"), row.Word<Role>("role"), row.Time("created_at"), row.TimeOrNull("last_used_at"), row.TimeOrNull("expires_at"));
}
