using Eclusier.Core.Deployments;
using Eclusier.Core.Releases;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Applying;

public sealed class ApplierSpecs : IDisposable
{
    private readonly FakeHost host = new();
    private readonly FakeCommit commit;
    private readonly Release release;

    public ApplierSpecs()
    {
        commit = host.Push("v1");
        host.Poll();
        release = host.Releases.Load(Some.Shop, host.Journal.FindRelease(Some.Shop, 1)!.Id);
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_work_tree_is_moved_before_Compose_runs()
    {
        Apply();

        Assert.Equal([$"move {commit.Id.Short}", "up #1"], host.Calls.All);
    }

    [Fact]
    public void A_release_that_was_taken_over_from_outside_git_moves_nothing()
    {
        host.Clock.Run(() => host.Applier.ApplyAsync(Some.Stack, release with { Revision = null }, CancellationToken.None));

        Assert.Equal(["up #1"], host.Calls.All);
    }

    [Fact]
    public void An_engine_that_is_away_is_waited_for_and_no_file_is_moved_before_it_is_back()
    {
        host.Engine.IsAway = true;
        host.Clock.In(TimeSpan.FromHours(3), () =>
        {
            Assert.Empty(host.Calls.All);
            host.Engine.IsAway = false;
        });

        Apply();

        Assert.Equal([$"move {commit.Id.Short}", "up #1"], host.Calls.All);
        Assert.InRange(host.Log.Count(line => line.Contains("is tried again in", StringComparison.Ordinal)), 300, 400); // every 30 s at most
    }

    [Fact]
    public void Nor_is_one_moved_again_before_an_engine_is_back_that_went_away_meanwhile()
    {
        host.Engine.Containers.Clear();
        host.Compose.UpTroubles.Enqueue(FakeEngine.Gone);
        host.Compose.OnTrouble = () => host.Engine.IsAway = true;
        host.Clock.In(TimeSpan.FromHours(1), () =>
        {
            Assert.Single(host.Calls.Of("move"));
            host.Engine.IsAway = false;
        });

        Apply();

        Assert.Equal(2, host.Calls.Of("move").Count);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void The_wait_for_an_engine_that_is_away_ends_when_the_agent_stops()
    {
        using var stopping = new CancellationTokenSource();
        host.Engine.IsAway = true;
        host.Clock.In(TimeSpan.FromMinutes(1), stopping.Cancel);

        Assert.ThrowsAny<OperationCanceledException>(() => host.Clock.Run(() => host.Applier.ApplyAsync(Some.Stack, release, stopping.Token)));
    }

    [Fact]
    public void What_was_begun_is_not_cut_short()
    {
        using var stopping = new CancellationTokenSource();
        host.Compose.UpTakes = TimeSpan.FromSeconds(30);
        host.Clock.In(TimeSpan.FromSeconds(10), stopping.Cancel);
        host.Engine.Containers.Clear();

        host.Clock.Run(() => host.Applier.ApplyAsync(Some.Stack, release, stopping.Token));

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void An_end_that_nobody_can_tell_is_tried_again_while_the_host_is_as_it_was()
    {
        host.Engine.Containers.Clear();
        host.Compose.UpTroubles.Enqueue(Ambiguous());

        Apply();

        Assert.Equal(2, host.Calls.Of("up").Count);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void That_goes_on_for_half_a_minute_at_most()
    {
        host.Engine.Containers.Clear();
        Enqueue(6);

        var exception = Assert.Throws<FailureException>(Apply);

        Assert.Equal(FailureKind.DeploymentFailed, exception.Kind);
        Assert.Contains("tried 6 times", exception.Message, StringComparison.Ordinal);
        Assert.Equal(6, host.Calls.Of("up").Count);
    }

    [Fact]
    public void A_host_that_runs_the_release_is_not_applied_to_again()
    {
        host.Engine.Containers.Clear();
        Enqueue(1, isDone: true);

        Apply();

        Assert.Single(host.Calls.Of("up"));
        Assert.True(host.Runs("web v1"));
        Assert.Contains(host.Log, line => line.Contains("is not known, but the host runs it", StringComparison.Ordinal));
    }

    [Fact]
    public void So_it_is_when_the_connection_to_the_engine_was_lost()
    {
        host.Engine.Containers.Clear();
        host.Compose.UpTroubles.Enqueue(FakeEngine.Gone);
        host.Compose.EndsTroubledUps = true;

        Apply();

        Assert.Single(host.Calls.Of("up"));
    }

    [Fact]
    public void A_host_that_is_half_changed_is_applied_to_twice_more_and_then_given_up()
    {
        var tries = 0;
        host.Engine.Containers.Clear();
        Enqueue(5);
        host.Compose.OnTrouble = () => host.Engine.Containers.Add(new FakeContainer
        {
            Id = $"half {++tries}",
            Name = $"half-{tries}",
            Project = "shop",
            Service = "web",
            ImageId = "sha256:1",
            Image = "x",
            Behaviour = ImageBehaviour.Fine,
            ConfigHash = "other",
        });

        Assert.Equal(FailureKind.DeploymentFailed, Assert.Throws<FailureException>(Apply).Kind);

        Assert.Equal(3, host.Calls.Of("up").Count);
    }

    [Fact]
    public void An_engine_that_was_away_before_does_not_use_up_a_try()
    {
        host.Engine.Containers.Clear();
        host.Compose.UpTroubles.Enqueue(FakeEngine.Gone);
        Enqueue(5);

        Apply();

        Assert.Equal(7, host.Calls.Of("up").Count);
    }

    [Fact]
    public void What_it_waits_for_can_be_asked_while_it_waits()
    {
        var since = host.Clock.GetUtcNow();
        host.WorkTree.Trouble = FailureException.Transient("no space left on the disk of the work tree");
        host.Clock.In(TimeSpan.FromMinutes(10), () =>
        {
            var holdup = host.Holdups.Find(Some.Shop)!;
            Assert.Equal(("no space left on the disk of the work tree", since), (holdup.Message, holdup.Since));
            host.WorkTree.Trouble = null;
        });

        Apply();

        Assert.Null(host.Holdups.Find(Some.Shop));
    }

    [Fact]
    public void A_failure_is_not_tried_again()
    {
        host.Compose.UpTroubles.Enqueue(new FailureException(new Failure(FailureKind.DeploymentFailed, "exit code 1")));

        Assert.Throws<FailureException>(Apply);
        Assert.Single(host.Calls.Of("up"));
    }

    [Fact]
    public void A_work_tree_that_cannot_be_moved_is_a_failure_and_Compose_does_not_run()
    {
        host.WorkTree.Trouble = FailureException.Rejected("the untracked file .env is in the way");

        Assert.Throws<FailureException>(Apply);
        Assert.Empty(host.Calls.Of("up"));
    }

    private static FailureException Ambiguous() => new(new Failure(FailureKind.Ambiguous, "exit code 130: canceled"));

    private void Enqueue(int count, bool isDone = false)
    {
        host.Compose.EndsTroubledUps = isDone;
        for (var i = 0; i < count; i++)
        {
            host.Compose.UpTroubles.Enqueue(Ambiguous());
        }
    }

    private void Apply() => host.Clock.Run(() => host.Applier.ApplyAsync(Some.Stack, release, CancellationToken.None));
}
