using Eclusier.Core.Deployments;
using Eclusier.Core.History;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class JournalOfAnnouncementsSpecs : JournalTest
{
    [Fact]
    public void Closing_queues_what_is_told_for_each_recipient()
    {
        Journal.Close(OpenOne().Id, DeploymentResult.Failed, "", [], new StackChange(), Noon, SomeAnnouncement("deployment/1", "ops", "chat"));
        Reopen();

        Assert.True(Journal.WasTold("deployment/1"));
        Assert.Equal("rolled-back|shop|chat,ops", Query("SELECT kind || '|' || stack || '|' || (SELECT group_concat(recipient) FROM delivery WHERE event = id) FROM event"));
        Assert.Equal("café <b>", Query("SELECT json_extract(body, '$.message') FROM event"));
    }

    [Fact]
    public void A_cause_is_told_once()
    {
        Journal.Announce(SomeAnnouncement("waiting/shop/1", "ops"));
        Journal.Announce(SomeAnnouncement("waiting/shop/1", "ops", "chat"));
        Journal.RecordCheck(Shop, Noon, null, "offline", null, SomeAnnouncement("waiting/shop/1", "ops"));
        Journal.Suspend(Shop, "holidays", Noon, SomeAnnouncement("suspended/1"));
        Journal.Resume(Shop, SomeAnnouncement("resumed/1"));

        Assert.Equal("waiting/shop/1,suspended/1,resumed/1", Query("SELECT group_concat(cause) FROM (SELECT cause FROM event ORDER BY id)"));
        Assert.Equal(1L, Query("SELECT count(*) FROM delivery"));
    }

    [Fact]
    public void A_closing_that_is_taken_back_tells_nothing()
    {
        var deployment = OpenOne();
        Assert.Throws<InvalidOperationException>(() =>
            Journal.Close(deployment.Id, DeploymentResult.Failed, "", [], new StackChange { Quarantine = 99 }, Noon, SomeAnnouncement("deployment/1", "ops")));
        Assert.False(Journal.WasTold("deployment/1"));

        CloseOne(deployment);
        Journal.Close(deployment.Id, DeploymentResult.Committed, "again", [], new StackChange(), Noon, SomeAnnouncement("deployment/second", "ops"));
        Assert.False(Journal.WasTold("deployment/second"));
    }
}
