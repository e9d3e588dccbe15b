using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>Brings an older database to this program's version, all at once or not at all, and keeps a copy of it as it was.</summary>
internal static class Migrator
{
    /// <param name="version">The database's own.</param>
    /// <exception cref="FailureException">Rejected: a migration does not fit what is in the database, which is left as it was.</exception>
    public static void BringUp(SqliteConnection connection, string path, int version, IReadOnlyList<Migration> migrations)
    {
        var missing = migrations.Where(migration => migration.Version > version).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        if (version > 0)
        {
            BackUp(connection, BackupPath(path, version));
        }

        new Sql(connection).Execute("PRAGMA foreign_keys = OFF"); // so that a migration can rebuild a table; checked below instead
        using var transaction = connection.BeginTransaction(); // one for all: no other program sees a version in between
        var reached = new Sql(connection).First("PRAGMA user_version", row => row.Number("user_version")); // another program that opened it at the same moment may have been first
        foreach (var migration in missing.Where(migration => migration.Version > reached))
        {
            Apply(new Sql(connection), path, migration);
        }

        transaction.Commit();
    }

    private static void Apply(Sql sql, string path, Migration migration)
    {
        try
        {
            sql.Execute(migration.Sql);
        }
        catch (SqliteException exception) when (DatabaseFailure.From(path, exception) is null)
        {
            throw FailureException.Rejected($"the database '{path}' cannot be brought to version {migration.Version} ({migration.Name}), and was left as it was: {exception.Message}", exception);
        }

        if (sql.First("PRAGMA foreign_key_check", row => row.Text("table")) is { } table)
        {
            throw FailureException.Rejected($"the database '{path}' cannot be brought to version {migration.Version} ({migration.Name}), and was left as it was: a row of '{table}' refers to one that is missing");
        }

        sql.Execute($"PRAGMA user_version = {migration.Version}");
    }

    /// <summary>Where the copy of a database of that version is kept.</summary>
    public static string BackupPath(string path, int version) => $"{path}.v{version}.bak";

    private static void BackUp(SqliteConnection connection, string target)
    {
        var unfinished = $"{target}.{Path.GetRandomFileName()}.tmp"; // another program may be making the same copy
        DatabaseFile.CreateEmpty(unfinished);
        new Sql(connection).Execute("VACUUM INTO $target", ("$target", unfinished)); // with what is still in the log, unlike a copy of the file
        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, target, overwrite: true);
    }
}
