using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>Whether a database can be used: whole, and not of a newer program.</summary>
internal static class DatabaseExam
{
    /// <summary>Looks without writing to it; an agent may be using it meanwhile.</summary>
    /// <exception cref="FailureException">As <see cref="SqliteDatabase.Open(string)"/>.</exception>
    public static void Run(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
                DefaultTimeout = (int)SqliteDatabase.Patience.TotalSeconds,
            }.ToString());
            connection.Open();
            var sql = new Sql(connection);
            RefuseNewer(sql, path, Migration.Embedded[^1].Version);
            if (FindDamage(sql) is { } finding)
            {
                throw DatabaseFailure.Damaged(path, finding);
            }
        }
        catch (SqliteException exception) when (DatabaseFailure.From(path, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>The database's version.</returns>
    /// <exception cref="FailureException">Rejected: it is newer than what is known.</exception>
    public static int RefuseNewer(Sql sql, string path, int known)
    {
        var version = sql.First("PRAGMA user_version", row => row.Number("user_version"));
        return version <= known ? version : throw FailureException.Rejected(
            $"the database '{path}' is of version {version}, this program knows up to version {known}: a newer Eclusier has used it. "
            + $"Install that one again, or stop the agent and put the copy '{Migrator.BackupPath(path, known)}' in its place (what was recorded since is lost)");
    }

    /// <returns>What is damaged; <c>null</c>: nothing that a quick look finds.</returns>
    public static string? FindDamage(Sql sql) => sql.First("PRAGMA quick_check(1)", row => row.Text("quick_check")) is var finding && finding != "ok" ? finding : null;
}
