using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Deployments;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class DatabaseSpecs : JournalTest
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly int Current = Migration.Embedded[^1].Version;
    private static readonly Migration Next = new(Current + 1, "next-colour.sql", "ALTER TABLE stack ADD COLUMN colour TEXT; CREATE TABLE paint (name TEXT) STRICT;");

    private static IReadOnlyList<Migration> Newer => [.. Migration.Embedded, Next];

    [Fact]
    public void The_database_commits_to_the_disk_and_keeps_its_references()
    {
        Assert.Equal("wal", Setting("journal_mode"));
        Assert.Equal("2", Setting("synchronous"));
        Assert.Equal("1", Setting("foreign_keys"));
        Assert.Equal("5000", Setting("busy_timeout", "timeout"));
        Assert.Equal(Migration.Embedded[^1].Version.ToString(), Setting("user_version"));
    }

    [Fact]
    public void Its_own_versions_are_numbered_without_a_gap() =>
        Assert.Equal(Enumerable.Range(1, Migration.Embedded.Count), Migration.Embedded.Select(migration => migration.Version));

    [Fact]
    public async Task Several_programs_may_open_a_new_one_at_the_same_moment()
    {
        for (var round = 0; round < 20; round++)
        {
            using var scratch = new ScratchFolder();
            using var together = new Barrier(4);
            var path = scratch["eclusier.db"];

            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(TestContext.Current.CancellationToken);
                    using var database = SqliteDatabase.Open(path);
                },
                TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        }
    }

    [Fact]
    public void Its_files_are_for_the_owner_only()
    {
        Deploy(1);
        foreach (var file in new[] { Path, Path + "-wal", Path + "-shm" })
        {
            Assert.Equal(OwnersFile, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void A_file_that_others_could_read_is_closed_to_them()
    {
        Database.Dispose();
        File.SetUnixFileMode(Path, OwnersFile | UnixFileMode.OtherRead);
        Reopen();

        Assert.Equal(OwnersFile, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void A_missing_folder_is_made_for_the_owner_only()
    {
        using var scratch = new ScratchFolder();
        using var database = SqliteDatabase.Open(scratch["state/eclusier.db"]);

        Assert.Equal(OwnersFile | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch["state"]));
    }

    [Fact]
    public void A_closed_database_is_one_file()
    {
        Deploy(1);
        Database.Dispose();

        Assert.Equal(["eclusier.db"], Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public void An_older_database_is_copied_then_brought_to_this_version()
    {
        Deploy(1);
        Database.Dispose();

        using (SqliteDatabase.Open(Path, Newer, Patience))
        {
        }

        Assert.Equal(Current + 1L, Query("PRAGMA user_version"));
        Assert.Equal(1L, Query("SELECT last_known_good FROM stack WHERE colour IS NULL"));
        Assert.Equal((long)Current, Query(BackupOf(Path), "PRAGMA user_version"));
        Assert.Equal(1L, Query(BackupOf(Path), "SELECT last_known_good FROM stack"));
        Assert.Equal(OwnersFile, File.GetUnixFileMode(BackupOf(Path)));
    }

    [Fact]
    public void The_copy_holds_what_was_still_in_the_log_of_a_crashed_program()
    {
        Reopen();
        Deploy(1);
        using var crashed = new ScratchFolder();
        File.Copy(Path, crashed["eclusier.db"]);
        File.Copy(Path + "-wal", crashed["eclusier.db-wal"]);

        using (SqliteDatabase.Open(crashed["eclusier.db"], Newer, Patience))
        {
        }

        Assert.Equal(1L, Query(BackupOf(crashed["eclusier.db"]), "SELECT last_known_good FROM stack"));
    }

    [Fact]
    public void A_database_of_this_version_or_a_new_one_is_not_copied()
    {
        Reopen();

        Assert.False(File.Exists(Path + ".v0.bak"));
        Assert.False(File.Exists(BackupOf(Path)));
    }

    [Theory]
    [InlineData("CREATE TABLE paint (name TEXT) STRICT; INSERT INTO nowhere VALUES (1);", "no such table: nowhere")]
    [InlineData("CREATE TABLE paint (name TEXT) STRICT; DELETE FROM release;", "a row of 'stack' refers to one that is missing")]
    public void A_migration_that_fails_leaves_the_database_as_it_was(string sql, string why)
    {
        Deploy(1);
        Database.Dispose();

        var exception = Assert.Throws<FailureException>(() => SqliteDatabase.Open(Path, [.. Migration.Embedded, new Migration(Current + 1, "next-broken.sql", sql)], Patience));

        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.Contains($"cannot be brought to version {Current + 1} (next-broken.sql), and was left as it was", exception.Message, StringComparison.Ordinal);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.Equal((long)Current, Query("PRAGMA user_version"));
        Assert.Equal(0L, Query("SELECT count(*) FROM sqlite_schema WHERE name = 'paint'"));
        Assert.Equal(1L, Query("SELECT count(*) FROM release"));
    }

    [Fact]
    public void An_older_program_refuses_a_newer_database_and_says_what_to_do()
    {
        Database.Dispose();
        using (SqliteDatabase.Open(Path, Newer, Patience))
        {
        }

        var exception = Assert.Throws<FailureException>(() => SqliteDatabase.Open(Path));

        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.Equal(
            $"the database '{Path}' is of version {Current + 1}, this program knows up to version {Current}: a newer Eclusier has used it. "
            + $"Install that one again, or stop the agent and put the copy '{BackupOf(Path)}' in its place (what was recorded since is lost)",
            exception.Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_kept()
    {
        Database.Dispose();
        var text = string.Concat(Enumerable.Repeat("not a database\n", 1000));
        File.WriteAllText(Path, text);

        var exception = Assert.Throws<FailureException>(() => SqliteDatabase.Open(Path));

        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.Contains($"the database '{Path}' is damaged: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("file is not a database", exception.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void A_database_with_a_page_of_rubbish_is_refused(int page)
    {
        Deploy(1);
        Database.Dispose();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.Position = 4096 * (page - 1);
            file.Write(Enumerable.Repeat((byte)0xAB, 4096).ToArray());
        }

        AssertDamaged();
    }

    [Fact]
    public void A_database_that_lost_its_end_is_refused()
    {
        Deploy(1);
        Database.Dispose();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        AssertDamaged();
    }

    [Fact]
    public void A_folder_in_the_databases_place_is_refused()
    {
        using var scratch = new ScratchFolder();
        Directory.CreateDirectory(scratch["eclusier.db"]);

        var exception = Assert.Throws<FailureException>(() => SqliteDatabase.Open(scratch["eclusier.db"]));

        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.Contains("cannot be opened", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_waits_for_another_program_but_not_for_ever()
    {
        Database.Dispose();
        using var database = SqliteDatabase.Open(Path, Migration.Embedded, Patience);
        var journal = new SqliteJournal(database);
        using var other = new SqliteConnection($"Data Source={Path};Pooling=False");
        other.Open();
        var held = other.BeginTransaction();

        var exception = Assert.Throws<FailureException>(() => journal.RecordNextCheck(Shop, Noon));
        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.Contains("is held by another program", exception.Message, StringComparison.Ordinal);

        var write = Task.Run(() => journal.RecordNextCheck(Shop, Noon), TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        Assert.False(write.IsCompleted);
        await held.DisposeAsync();
        await write;
        Assert.Equal(Noon, journal.ReadState(Shop).NextCheckAt);
    }

    [Fact]
    public void A_full_database_refuses_a_write_as_passing_and_works_again_with_room()
    {
        Database.Read(sql => sql.First("PRAGMA max_page_count = 1", row => row.Number("max_page_count"))); // SQLite keeps it at the present size
        var reason = new string('x', 1_000_000);

        var exception = Assert.Throws<FailureException>(() => Journal.Suspend(Shop, reason, Noon));
        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.Contains("the disk is full", exception.Message, StringComparison.Ordinal);

        Database.Read(sql => sql.First("PRAGMA max_page_count = 100000", row => row.Number("max_page_count")));
        Journal.Suspend(Shop, reason, Noon);
        Assert.True(Journal.ReadState(Shop).IsSuspended);
    }

    private static string BackupOf(string path) => $"{path}.v{Current}.bak";

    private void AssertDamaged()
    {
        var exception = Assert.Throws<FailureException>(() => SqliteDatabase.Open(Path));

        Assert.Equal(FailureKind.Rejected, exception.Kind);
        Assert.Contains($"the database '{Path}' is damaged: ", exception.Message, StringComparison.Ordinal);
    }

    private string? Setting(string name, string? column = null) => Database.Read(sql => sql.First($"PRAGMA {name}", row => row.TextOrNull(column ?? name)));
}
