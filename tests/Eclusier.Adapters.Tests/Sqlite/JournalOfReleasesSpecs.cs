using Eclusier.Core.Deployments;
using Eclusier.Core.History;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class JournalOfReleasesSpecs : JournalTest
{
    [Fact]
    public void A_new_release_is_recorded_under_its_number()
    {
        var deployment = OpenOne();
        Journal.RecordRelease(deployment.Id, SomeRelease(1));
        Reopen();

        var expected = new ReleaseEntry(Shop, 1, new string('1', 64), "model-1", Commit, "Change 1", Noon) { Author = "Ada" };
        Assert.Equal(expected, Journal.FindRelease(Shop, 1));
        Assert.Equal(expected, Journal.FindRelease(Shop, new string('1', 64)));
        Assert.Equal(1, Journal.FindDeployment(deployment.Id)!.Release);
        Assert.Null(Journal.FindRelease(Blog, 1));
        Assert.Null(Journal.FindRelease(Shop, 2));
    }

    [Fact]
    public void An_equal_release_is_found_again_under_its_first_number_and_stays_in_quarantine_until_freed()
    {
        var failed = OpenOne();
        Journal.RecordRelease(failed.Id, SomeRelease(1));
        CloseOne(failed, DeploymentResult.Failed, new StackChange { Quarantine = 1 }, "web exits");
        var again = OpenOne();
        Journal.RecordRelease(again.Id, SomeRelease(2, id: '1'));

        Assert.Equal(1, Journal.FindDeployment(again.Id)!.Release);
        Assert.Equal(2, Journal.NextReleaseNumber(Shop));
        var entry = Assert.Single(Journal.ReadReleases(Shop));
        Assert.Equal((true, "web exits"), (entry.IsQuarantined, entry.QuarantineReason));

        Journal.FreeFromQuarantine(Shop, 1);
        entry = Journal.FindRelease(Shop, 1)!;
        Assert.Equal((false, ""), (entry.IsQuarantined, entry.QuarantineReason));
    }

    [Fact]
    public void A_release_that_is_not_known_cannot_be_freed() =>
        Assert.Equal("shop has no release #3", Assert.Throws<InvalidOperationException>(() => Journal.FreeFromQuarantine(Shop, 3)).Message);

    [Fact]
    public void Equal_ids_of_different_stacks_are_different_releases()
    {
        Journal.RecordRelease(OpenOne(Shop).Id, SomeRelease(1, Shop, 'a'));
        Journal.RecordRelease(OpenOne(Blog).Id, SomeRelease(1, Blog, 'a'));

        Assert.Equal(Shop, Assert.Single(Journal.ReadReleases(Shop)).Stack);
        Assert.Equal(Blog, Assert.Single(Journal.ReadReleases(Blog)).Stack);
    }

    [Fact]
    public void A_release_is_not_recorded_for_another_stacks_deployment()
    {
        var deployment = OpenOne(Blog);
        OpenOne(Shop);

        Assert.Throws<InvalidOperationException>(() => Journal.RecordRelease(deployment.Id, SomeRelease(1, Shop)));
        Assert.Empty(Journal.ReadReleases(Shop));
    }

    [Fact]
    public void A_number_is_given_once_even_when_its_release_is_gone()
    {
        Assert.Equal(1, Journal.NextReleaseNumber(Shop));
        Deploy(1);
        Journal.RecordRelease(OpenOne().Id, SomeRelease(2));
        Query("DELETE FROM release WHERE number = 2");

        Assert.Equal(3, Journal.NextReleaseNumber(Shop));
    }

    [Fact]
    public void A_number_that_is_taken_is_refused()
    {
        Deploy(1);
        var deployment = OpenOne();

        var exception = Assert.Throws<InvalidOperationException>(() => Journal.RecordRelease(deployment.Id, SomeRelease(1, id: 'f')));
        Assert.StartsWith("shop: number #1 is taken", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_keeps_the_time_it_was_first_committed()
    {
        Deploy(1);
        Journal.Close(OpenOne().Id, DeploymentResult.Committed, "", [], new StackChange { Commit = 1 }, Noon.AddDays(1), null);

        Assert.Equal(Noon.AddMinutes(1), Journal.FindRelease(Shop, 1)!.CommittedAt);
    }

    [Fact]
    public void What_ran_before_the_first_deployment_is_adopted_as_number_0_and_last_known_good()
    {
        Journal.Adopt(SomeRelease(0) with { Revision = null }, Noon);
        Journal.Adopt(SomeRelease(0) with { Revision = null }, Noon.AddHours(1)); // a restart in between does it again
        Reopen();

        var entry = Assert.Single(Journal.ReadReleases(Shop));
        Assert.Equal((0, null, "", Noon), (entry.Number, entry.Commit, entry.Subject, entry.CommittedAt));
        Assert.Equal(0, Journal.ReadState(Shop).LastKnownGood);
        Assert.Equal(1, Journal.NextReleaseNumber(Shop));
    }

    [Fact]
    public void Releases_are_read_newest_first()
    {
        Deploy(1);
        Deploy(2);
        Deploy(3);

        Assert.Equal([3, 2, 1], Journal.ReadReleases(Shop).Select(release => release.Number));
    }

    [Fact]
    public void Last_known_good_cannot_be_deleted()
    {
        Deploy(1);

        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => Query("PRAGMA foreign_keys = ON; DELETE FROM release WHERE number = 1"));
    }
}
