using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Deployments;
using Eclusier.Core.History;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class DurabilitySpecs : JournalTest
{
    private const int FrameSize = 4096 + 24; // https://sqlite.org/fileformat.html#the_write_ahead_log

    [Fact]
    public void What_was_recorded_is_in_the_files_while_the_program_still_runs()
    {
        Deploy(1);
        var open = OpenOne();

        using var crashed = new ScratchFolder();
        using var database = SqliteDatabase.Open(Snapshot(crashed));
        var journal = new SqliteJournal(database);

        Assert.Equal(1, journal.ReadState(Shop).LastKnownGood);
        Assert.Equal(open.Id, journal.FindOpen(Shop)!.Id);
    }

    /// <summary>What touches nothing outside is not waited for: the disk has it before anything is touched (docs/adr/0008).</summary>
    [Fact]
    public void A_write_is_flushed_and_a_note_is_not()
    {
        const int Normal = 1;
        const int Full = 2;
        static int Mode(Sql sql) => sql.First("PRAGMA synchronous", row => row.Number("synchronous"));

        Assert.Equal(Full, Database.Write(Mode));
        Assert.Equal(Normal, Database.Note(Mode));
        Assert.Equal(Full, Database.Write(Mode));
        Assert.ThrowsAny<Exception>(() => Database.Note(sql => sql.Execute("no SQL")));
        Assert.Equal(Full, Database.Write(Mode));
    }

    [Fact]
    public void However_much_of_the_log_reached_the_disk_a_closed_deployment_and_its_stack_agree()
    {
        Reopen(); // folds the schema into the database file: from here on the log holds the journal's own changes
        for (var number = 1; number <= 4; number++)
        {
            Deploy(number);
        }

        var length = new FileInfo(Path + "-wal").Length;
        var seen = new HashSet<int>();
        for (var cut = 32L; cut <= length; cut += FrameSize / 2) // at the end of a page and in the middle of one
        {
            using var crashed = new ScratchFolder();
            var path = Snapshot(crashed);
            using (var wal = new FileStream(path + "-wal", FileMode.Open))
            {
                wal.SetLength(cut);
            }

            using var database = SqliteDatabase.Open(path);
            var journal = new SqliteJournal(database);
            Assert.Equal(journal.ReadDeployments(Shop, 10).Where(deployment => !deployment.IsOpen).Count(), Convert.ToInt32(Query(path, "SELECT count(*) FROM event")));
            var closed = journal.ReadDeployments(Shop, 10).FirstOrDefault(deployment => !deployment.IsOpen);
            var state = journal.ReadState(Shop);
            Assert.Equal(closed?.Release, state.LastKnownGood);
            Assert.Equal(closed?.Release, state.Applied);
            Assert.Equal(closed is null ? null : $"key-{closed.Release}", state.SettledKey);
            Assert.All(journal.ReadReleases(Shop), release => Assert.Equal(release.Number <= (closed?.Release ?? 0), release.IsCommitted));
            seen.Add(closed?.Release ?? 0);
        }

        Assert.Equal([0, 1, 2, 3, 4], seen.Order());
    }

    [Fact]
    public async Task Eight_threads_on_stacks_of_their_own_do_not_disturb_each_other()
    {
        var stacks = Enumerable.Range(0, 8).Select(index => StackName.Parse($"stack-{index}")).ToList();
        await Task.WhenAll(stacks.Select(stack => Task.Run(() =>
        {
            for (var number = 1; number <= 5; number++)
            {
                var deployment = OpenOne(stack);
                Journal.RecordCheck(stack, Noon, null, "", new Trouble(FailureKind.Transient, "DNS", Noon));
                Journal.BeginStep(deployment.Id, Step.Apply, Noon);
                Journal.RecordRelease(deployment.Id, SomeRelease(Journal.NextReleaseNumber(stack), stack));
                Journal.EndStep(deployment.Id, Step.Apply, true, "", Noon);
                CloseOne(deployment, change: new StackChange { LastKnownGood = number, Commit = number });
            }
        }, TestContext.Current.CancellationToken)));

        Assert.All(stacks, stack =>
        {
            var state = Journal.ReadState(stack);
            Assert.Equal((5, 5), (state.LastKnownGood, state.Trouble!.Attempts));
            Assert.All(Journal.ReadDeployments(stack, 10), deployment => Assert.True(Assert.Single(deployment.Steps).Succeeded));
            Assert.Equal([5, 4, 3, 2, 1], Journal.ReadReleases(stack).Select(release => release.Number));
        });
    }

    private string Snapshot(ScratchFolder target)
    {
        File.Copy(Path, target["eclusier.db"]);
        File.Copy(Path + "-wal", target["eclusier.db-wal"]);
        return target["eclusier.db"];
    }
}
