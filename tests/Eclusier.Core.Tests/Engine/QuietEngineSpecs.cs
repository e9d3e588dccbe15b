using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Engine;

/// <summary>What was in order is not looked at again while the engine tells of nothing.</summary>
public sealed class QuietEngineSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public QuietEngineSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Clock.Pass(TimeSpan.FromMinutes(3));
        host.Quiet.BeginListening();
        LookAtAll();
        host.Engine.Looks.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void While_it_tells_of_nothing_it_is_not_asked()
    {
        LookAtAll();

        Assert.Empty(host.Engine.Looks);
    }

    [Fact]
    public void An_event_of_the_project_has_its_containers_looked_at_and_no_images()
    {
        host.Quiet.Note(Event("container", "shop", "exec_die"));

        LookAtAll();

        Assert.Equal(["observe shop"], host.Engine.Looks);
        host.Engine.Looks.Clear();
        LookAtAll();
        Assert.Empty(host.Engine.Looks);
    }

    [Theory]
    [InlineData("network", "", "destroy")]
    [InlineData("volume", "", "destroy")]
    [InlineData("volume", "", "prune")]
    [InlineData("container", "", "destroy")] // one that lost its labels may be anybody's
    public void What_names_no_project_may_be_of_any(string kind, string project, string action)
    {
        host.Quiet.Note(Event(kind, project, action));

        LookAtAll();

        Assert.Contains("observe shop", host.Engine.Looks);
    }

    [Theory]
    [InlineData("container", "neighbour", "die")]
    [InlineData("container", "", "start")]
    [InlineData("network", "", "create")]
    public void What_is_somebody_elses_disturbs_nobody(string kind, string project, string action)
    {
        host.Quiet.Note(Event(kind, project, action));

        LookAtAll();

        Assert.Empty(host.Engine.Looks);
    }

    [Theory]
    [InlineData("untag")]
    [InlineData("delete")]
    [InlineData("prune")]
    public void An_event_of_an_image_has_the_images_looked_for(string action)
    {
        host.Quiet.Note(Event("image", "", action));

        LookAtAll();

        Assert.Contains(host.Engine.Looks, look => look.StartsWith("find eclusier/shop/web:1", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_seen_before_anybody_listened_is_looked_at_again()
    {
        host.Quiet.EndListening();
        LookAtAll();
        host.Quiet.BeginListening();
        host.Engine.Looks.Clear();

        LookAtAll();

        Assert.Contains("observe shop", host.Engine.Looks);
        Assert.Contains(host.Engine.Looks, look => look.StartsWith("find ", StringComparison.Ordinal));
    }

    [Fact]
    public void While_nobody_listens_each_look_is_a_whole_one()
    {
        host.Quiet.EndListening();

        LookAtAll();
        LookAtAll();

        Assert.Equal(2, host.Engine.Looks.Count(look => look == "observe shop"));
    }

    [Fact]
    public void After_ten_minutes_it_is_looked_in_any_case()
    {
        host.Engine.Containers.Clear(); // behind the engine's back
        host.Clock.Pass(TimeSpan.FromMinutes(9));
        Assert.IsType<Outcome.UpToDate>(host.Poll());

        host.Clock.Pass(TimeSpan.FromMinutes(1));
        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void What_is_not_in_order_is_looked_at_each_time()
    {
        var reporting = Some.Stack with { Drift = Eclusier.Core.Stacks.DriftPolicy.Report };
        host.Engine.Containers.Clear();
        host.Quiet.Note(Event("container", "shop", "destroy"));
        host.Poll(reporting);
        host.Engine.Looks.Clear();

        host.Poll(reporting);

        Assert.Contains("observe shop", host.Engine.Looks);
    }

    [Fact]
    public void What_happens_while_it_is_looked_is_looked_at_again()
    {
        host.Quiet.Note(Event("container", "shop", "die"));
        host.Engine.OnObserve = () => host.Quiet.Note(Event("container", "shop", "start"));
        LookAtAll();
        host.Engine.OnObserve = null;
        host.Engine.Looks.Clear();

        LookAtAll();

        Assert.Contains("observe shop", host.Engine.Looks);
    }

    [Fact]
    public void An_edited_file_is_seen_all_the_same()
    {
        (host.WorkTree.Patch, host.WorkTree.Edited) = ("/patch", ["conf/web.conf"]);

        host.Poll();

        Assert.Equal(Cause.Drift, host.Last.Cause);
    }

    [Fact]
    public void Another_release_is_looked_at_as_a_whole()
    {
        host.Push("v2");
        host.Poll();
        host.Engine.Looks.Clear();

        LookAtAll();

        Assert.Contains("observe shop", host.Engine.Looks);
        Assert.Contains(host.Engine.Looks, look => look.StartsWith("find eclusier/shop/web:2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_release_folder_that_was_damaged_is_told_all_the_same()
    {
        host.Releases.Damaged.Add(host.Journal.ReadReleases(Some.Shop)[0].Id);

        Assert.Contains("is missing or damaged", Assert.Single(host.KeepWayBackOpen()!), StringComparison.Ordinal);
        Assert.Contains(host.Log, line => line.Contains("Going back to release #1 is not possible", StringComparison.Ordinal));
    }

    private void LookAtAll()
    {
        Assert.IsType<Outcome.UpToDate>(host.Poll());
        host.Clock.Run(() => host.WayBack.KeepOpenAsync(Some.Stack, CancellationToken.None));
    }

    private EngineEvent Event(string kind, string project, string action) => new(host.Clock.GetUtcNow(), project, action, "id", "") { Kind = kind };
}
