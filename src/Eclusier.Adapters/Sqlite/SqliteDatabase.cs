using Eclusier.Adapters.Files;
using Eclusier.Adapters.Releases;
using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The one database file: opened with checks, brought to this program's version, used by one thread at a time.</summary>
/// <remarks>
/// One connection behind a lock: SQLite lets only one write anyway, a transaction takes milliseconds, and one page cache is all the memory it costs.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How long a statement waits for another program (a backup, a curious person) that holds the database.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>In WAL mode: a commit is on the disk when it returns, or with the next one that is. https://sqlite.org/pragma.html#pragma_synchronous</summary>
    private const string WithFlush = "PRAGMA synchronous = FULL";
    private const string WithoutFlush = "PRAGMA synchronous = NORMAL";

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly string path;

    private SqliteDatabase(SqliteConnection connection, string path)
    {
        this.connection = connection;
        this.path = path;
    }

    public static SqliteDatabase Open(string path) => Open(path, Migration.Embedded, Patience);

    /// <exception cref="FailureException">Rejected: damaged, not to be opened, or written by a newer program. Transient: held by another program, disk full.</exception>
    public static SqliteDatabase Open(string path, IReadOnlyList<Migration> migrations, TimeSpan patience) =>
        TryOpen(path, migrations, patience, out var finding) ?? throw DatabaseFailure.Damaged(path, finding);

    /// <summary>Opens it; one that is damaged is put out of the way, with what SQLite leaves of its log files, and an empty one is begun. Only while no other agent runs.</summary>
    /// <param name="damage">What was wrong, and where it is now; <c>null</c>: nothing was.</param>
    /// <exception cref="FailureException">As <see cref="Open(string)"/>, but for the damage.</exception>
    public static SqliteDatabase OpenOrBeginAnew(string path, DateTimeOffset now, out string? damage)
    {
        damage = null;
        if (TryOpen(path, Migration.Embedded, Patience, out var finding) is { } opened)
        {
            return opened;
        }

        damage = $"the database was damaged ({finding.Trim()}) and is kept as '{SetAside(path, now)}'";
        return Open(path);
    }

    /// <returns><c>null</c>: it is damaged, as <paramref name="finding"/> says.</returns>
    private static SqliteDatabase? TryOpen(string path, IReadOnlyList<Migration> migrations, TimeSpan patience, out string finding)
    {
        finding = "";
        MakeFile(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false, // a closed database is closed: its log is folded in and its files are free
            DefaultTimeout = (int)Math.Ceiling(patience.TotalSeconds),
        }.ToString());
        try
        {
            connection.Open();
            finding = Prepare(connection, path, migrations, patience) ?? "";
            if (finding.Length == 0)
            {
                return new SqliteDatabase(connection, path);
            }

            connection.Dispose();
            return null;
        }
        catch (SqliteException exception) when (DatabaseFailure.IsDamage(exception))
        {
            connection.Dispose();
            finding = exception.Message;
            return null;
        }
        catch (SqliteException exception) when (DatabaseFailure.From(path, exception) is { } failure)
        {
            connection.Dispose();
            throw failure;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            connection.Dispose();
        }
    }

    /// <summary>Lets go of the pages that are kept for the next statements: they are read again from the file when needed.</summary>
    public void GiveBackMemory()
    {
        lock (gate)
        {
            new Sql(connection).Execute("PRAGMA shrink_memory");
        }
    }

    /// <summary>Everything read in one call is of one moment.</summary>
    internal T Read<T>(Func<Sql, T> work) => InTransaction(work, deferred: true);

    /// <summary>All of it is durable when this returns, or none of it happened; and so is all that was noted before.</summary>
    internal T Write<T>(Func<Sql, T> work) => InTransaction(work, deferred: false);

    /// <summary>
    /// All of it survives the end of this process when this returns, or none of it happened; the loss of power it survives after the next <see cref="Write(Action{Sql})"/>.
    /// For what nothing outside depends on yet (docs/adr/0008): it saves waiting for the disk.
    /// </summary>
    internal T Note<T>(Func<Sql, T> work) => InTransaction(work, deferred: false, isFlushed: false);

    /// <inheritdoc cref="Note{T}"/>
    internal void Note(Action<Sql> work) => Note(sql =>
    {
        work(sql);
        return true;
    });

    internal void Write(Action<Sql> work) => Write(sql =>
    {
        work(sql);
        return true;
    });

    private T InTransaction<T>(Func<Sql, T> work, bool deferred, bool isFlushed = true)
    {
        lock (gate)
        {
            try
            {
                if (!isFlushed)
                {
                    new Sql(connection).Execute(WithoutFlush);
                }

                using var transaction = connection.BeginTransaction(deferred);
                var result = work(new Sql(connection));
                transaction.Commit();
                return result;
            }
            catch (SqliteException exception) when (DatabaseFailure.From(path, exception) is { } failure)
            {
                throw failure;
            }
            finally
            {
                if (!isFlushed)
                {
                    new Sql(connection).Execute(WithFlush); // sets a flag of the connection: nothing is read or written
                }
            }
        }
    }

    private static void MakeFile(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, OwnersFolder);
            }

            if (!File.Exists(path))
            {
                CreateEmpty(path); // or find that another program did just now
            }

            File.SetUnixFileMode(path, OwnersFile); // by path: closing a second handle would drop the locks SQLite holds in this process
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Rejected($"the database '{path}' cannot be opened or created: {exception.Message}", exception);
        }
    }

    /// <summary>The log files first: one that was left alone would be taken for the new database's.</summary>
    private static string SetAside(string path, DateTimeOffset now)
    {
        var aside = OutOfTheWay.NameFor(path, now);
        try
        {
            foreach (var ending in new[] { "-wal", "-shm", "" }.Where(ending => File.Exists(path + ending)))
            {
                File.Move(path + ending, aside + ending);
            }

            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return aside;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Transient($"the damaged database '{path}' cannot be moved out of the way: {exception.Message}", exception);
        }
    }

    /// <returns>What is damaged, or <c>null</c>.</returns>
    private static string? Prepare(SqliteConnection connection, string path, IReadOnlyList<Migration> migrations, TimeSpan patience)
    {
        var sql = new Sql(connection);
        sql.Execute($"PRAGMA busy_timeout = {(int)patience.TotalMilliseconds}");
        var version = DatabaseExam.RefuseNewer(sql, path, migrations[^1].Version);
        if (DatabaseExam.FindDamage(sql) is { } finding)
        {
            return finding;
        }

        sql.First("PRAGMA journal_mode = WAL", row => row.Text("journal_mode"));
        sql.Execute(WithFlush);
        sql.Execute("PRAGMA cache_size = -1000"); // KiB
        Migrate(connection, path, version, migrations);
        sql.Execute("PRAGMA foreign_keys = ON");
        return null;
    }

    private static void Migrate(SqliteConnection connection, string path, int version, IReadOnlyList<Migration> migrations)
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

    internal static string BackupPath(string path, int version) => $"{path}.v{version}.bak";

    private static void BackUp(SqliteConnection connection, string target)
    {
        var unfinished = $"{target}.{Path.GetRandomFileName()}.tmp"; // another program may be making the same copy
        CreateEmpty(unfinished);
        new Sql(connection).Execute("VACUUM INTO $target", ("$target", unfinished)); // with what is still in the log, unlike a copy of the file
        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, target, overwrite: true);
    }

    /// <summary>SQLite would create it by the umask; its log files then take the database's mode.</summary>
    private static void CreateEmpty(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
    }
}
