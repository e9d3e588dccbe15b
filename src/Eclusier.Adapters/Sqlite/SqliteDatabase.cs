using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Sqlite;

/// <summary>The one database file: opened with checks, brought to this program's version, used by one thread at a time.</summary>
/// <remarks>
/// One connection behind a lock: SQLite lets only one write anyway, a transaction takes milliseconds, and one page cache is all the memory it costs.
/// </remarks>
public sealed class SqliteDatabase : IDisposable
{
    /// <summary>How long a statement waits for another program (a backup, a curious person) that holds the database.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>In WAL mode: a commit is on the disk when it returns, or with the next one that is. https://sqlite.org/pragma.html#pragma_synchronous</summary>
    private const string WithFlush = "PRAGMA synchronous = FULL";
    private const string WithoutFlush = "PRAGMA synchronous = NORMAL";

    private readonly Lock gate = new();
    private readonly Dictionary<string, PreparedQuery> prepared = [];
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

        damage = $"the database was damaged ({finding.Trim()}) and is kept as '{DatabaseFile.SetAside(path, now)}'";
        return Open(path);
    }

    /// <returns><c>null</c>: it is damaged, as <paramref name="finding"/> says.</returns>
    private static SqliteDatabase? TryOpen(string path, IReadOnlyList<Migration> migrations, TimeSpan patience, out string finding)
    {
        finding = "";
        DatabaseFile.Make(path);
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
            foreach (var query in prepared.Values)
            {
                query.Dispose();
            }

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

    /// <summary>The first row of what is asked again and again: the question stays prepared.</summary>
    /// <param name="text">One of a few, never put together.</param>
    internal T? ReadFirst<T>(string text, Func<Row, T> read, params IReadOnlyList<(string Name, object? Value)> parameters)
    {
        lock (gate)
        {
            try
            {
                if (!prepared.TryGetValue(text, out var query))
                {
                    prepared[text] = query = new PreparedQuery(connection, text);
                }

                return query.First(read, parameters);
            }
            catch (SqliteException exception) when (DatabaseFailure.From(path, exception) is { } failure)
            {
                throw failure;
            }
        }
    }

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
        Migrator.BringUp(connection, path, version, migrations);
        sql.Execute("PRAGMA foreign_keys = ON");
        return null;
    }
}
