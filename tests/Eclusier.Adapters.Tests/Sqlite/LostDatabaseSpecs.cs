using Eclusier.Adapters.Sqlite;
using Eclusier.Core.History;
using Eclusier.Core.Notifications;
using Microsoft.Data.Sqlite;

namespace Eclusier.Adapters.Tests.Sqlite;

/// <summary>The database was damaged: it is kept, another one is begun, and what is known otherwise is written into that.</summary>
public sealed class LostDatabaseSpecs : JournalTest
{
    [Theory]
    [InlineData(20)]
    [InlineData(4096)]
    [InlineData(9000)]
    public void A_truncated_database_is_kept_and_an_empty_one_begun(int length)
    {
        Fill();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.SetLength(length);
        }

        ExpectKept(length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public void A_database_with_noise_in_it_is_kept_and_an_empty_one_begun(int from)
    {
        Fill();
        var length = new FileInfo(Path).Length;
        using (var file = new FileStream(Path, FileMode.Open))
        {
            var noise = new byte[length - from];
            new Random(4711).NextBytes(noise);
            file.Position = from;
            file.Write(noise);
        }

        ExpectKept(length);
    }

    [Fact]
    public void A_second_one_of_the_same_second_gets_a_name_of_its_own()
    {
        foreach (var content in new[] { "first", "second" })
        {
            Database.Dispose();
            File.WriteAllText(Path, $"{content}: no database, but long enough to be one that somebody wrote over");
            SqliteDatabase.OpenOrBeginAnew(Path, Noon, out _).Dispose();
        }

        Assert.StartsWith("first", File.ReadAllText(Kept), StringComparison.Ordinal);
        Assert.StartsWith("second", File.ReadAllText($"{Kept}-2"), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_whole_stays()
    {
        Fill();

        using var database = SqliteDatabase.OpenOrBeginAnew(Path, Noon, out var damage);

        Assert.Null(damage);
        Assert.Equal(1, new SqliteJournal(database).ReadState(Shop).LastKnownGood);
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public void What_is_known_otherwise_is_written_in_one_transaction()
    {
        Rebuild();
        Reopen();

        Assert.Equal("look first", Journal.ReadState(Shop).Suspension!.Reason);
        Assert.Equal([2, 1], Journal.ReadReleases(Shop).Select(release => release.Number));
        Assert.Equal(Noon, Journal.FindRelease(Shop, 1)!.CommittedAt);
        Assert.False(Journal.FindRelease(Shop, 2)!.IsCommitted);
        Assert.Equal(6, Journal.NextReleaseNumber(Shop));
        Assert.Null(Journal.ReadState(Shop).LastKnownGood);
        Assert.True(Journal.WasTold("database-rebuilt/1"));
    }

    [Fact]
    public void The_release_that_is_recognised_is_last_known_good_and_applied()
    {
        Rebuild();

        Journal.Recognise(Shop, 2, Noon.AddHours(1));

        Reopen();
        var state = Journal.ReadState(Shop);
        Assert.Equal((2, 2), (state.LastKnownGood, state.Applied));
        Assert.Equal(Noon.AddHours(1), Journal.FindRelease(Shop, 2)!.CommittedAt);
        Assert.True(state.IsSuspended); // that is another matter
    }

    private string Kept => $"{Path}.damaged-20260901T120000Z";

    private void Rebuild() => Journal.Rebuild(
        [new RebuiltStack(Shop, [new RebuiltRelease(SomeRelease(1), Noon), new RebuiltRelease(SomeRelease(2), null)], HighestNumber: 5, "look first")],
        Noon,
        SomeAnnouncement("database-rebuilt/1", "ops"));

    private void Fill()
    {
        Deploy(1);
        Database.Dispose();
        SqliteConnection.ClearAllPools();
    }

    private void ExpectKept(long length)
    {
        using var database = SqliteDatabase.OpenOrBeginAnew(Path, Noon, out var damage);

        Assert.Contains(Kept, damage, StringComparison.Ordinal);
        Assert.Equal(length, new FileInfo(Kept).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept));
        Assert.Empty(new SqliteJournal(database).ReadReleases(Shop));
    }
}
