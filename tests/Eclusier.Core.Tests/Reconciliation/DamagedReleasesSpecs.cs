using Eclusier.Core.Deployments;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Somebody, or a disk, cut or changed the files of a release folder.</summary>
public sealed class DamagedReleasesSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public DamagedReleasesSpecs()
    {
        foreach (var version in new[] { "v1", "v2", "v3" })
        {
            host.Push(version);
            host.Poll();
        }

        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_release_before_it_is_gone_back_to_instead()
    {
        Damage(3);
        host.Push("v4", ImageBehaviour.Crashes);

        Assert.Equal(2, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);

        Assert.True(host.Runs("web v2"));
        Assert.Equal(["up #4", "up #2"], host.Calls.Of("up"));
    }

    [Fact]
    public void Two_damaged_ones_are_passed_over()
    {
        Damage(3);
        Damage(2);
        host.Push("v4", ImageBehaviour.Crashes);

        Assert.Equal(1, Assert.IsType<Outcome.RolledBack>(host.Poll()).To);
    }

    [Fact]
    public void With_none_left_going_back_fails_and_says_so()
    {
        Damage(3);
        Damage(2);
        Damage(1);
        host.Push("v4", ImageBehaviour.Crashes);

        Assert.Contains("there is no release to go back to", Assert.IsType<Outcome.RollbackFailed>(host.Poll()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_cannot_go_back_to_it_either()
    {
        Damage(2);

        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.GoBack()).Release);
        Assert.Contains("release #2 cannot be gone back to", Assert.Throws<FailureException>(() => host.GoBack(to: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_agents_start_sets_it_aside_and_leaves_the_others()
    {
        var id = Damage(2);
        host.Restart();

        host.Recover();

        Assert.Equal(id, Assert.Single(host.Releases.Aside).Id);
        Assert.True(host.Releases.Exists(Some.Shop, host.Journal.FindRelease(Some.Shop, 3)!.Id));
        Assert.Contains(host.Log, line => line.Contains("Release #2 can neither be applied nor gone back to", StringComparison.Ordinal));
    }

    [Fact]
    public void Last_known_good_is_made_anew_from_its_commit_and_nothing_that_runs_is_replaced()
    {
        var container = host.Engine.Containers[0].Id;
        var id = Damage(3);
        host.Restart();
        host.Recover();

        Assert.Equal(3, Assert.IsType<Outcome.Committed>(host.Poll()).Release);

        Assert.Null(host.Releases.FindDamage(Some.Shop, id));
        Assert.Equal(container, host.Engine.Containers[0].Id);
        Assert.IsType<Outcome.UpToDate>(host.Poll());
    }

    [Fact]
    public void A_stack_that_a_person_went_back_with_stays_where_it_is()
    {
        host.GoBack();
        Damage(2);
        host.Restart();
        host.Recover();

        Assert.IsType<Outcome.UpToDate>(host.Poll());
        Assert.True(host.Runs("web v2"));
    }

    private string Damage(int number)
    {
        var id = host.Journal.FindRelease(Some.Shop, number)!.Id;
        host.Releases.Damaged.Add(id);
        return id;
    }
}
