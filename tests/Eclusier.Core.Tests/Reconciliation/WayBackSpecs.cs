using Eclusier.Core.Deployments;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Somebody prunes images between a release and the rollback to it.</summary>
public sealed class WayBackSpecs : IDisposable
{
    private readonly FakeHost host = new();

    public WayBackSpecs()
    {
        host.Push("v1");
        host.Poll();
        host.Clock.Pass(TimeSpan.FromHours(1));
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void Before_the_first_release_there_is_nothing_to_say()
    {
        using var fresh = new FakeHost();

        Assert.Null(fresh.KeepWayBackOpen());
    }

    [Fact]
    public void Nothing_is_fetched_while_all_is_here()
    {
        host.Push("v2");
        host.Poll();
        host.Calls.Clear();

        Assert.Empty(host.KeepWayBackOpen()!);
        Assert.Empty(host.Calls.Of("pull"));
    }

    [Fact]
    public void The_release_before_is_missed_and_fetched_again()
    {
        host.Push("v2");
        host.Poll();
        host.Engine.PruneAll();
        Assert.Contains("of release #1 registry.test/web@", Assert.Single(host.WayBackObstacles()!), StringComparison.Ordinal);

        Assert.Empty(host.KeepWayBackOpen()!);

        Assert.Contains("eclusier/shop/web:1", host.Engine.Images.SelectMany(image => image.References));
        Assert.Contains(host.Log, line => line.StartsWith("Warning: shop: Images of release #1 had been removed", StringComparison.Ordinal));
        Assert.Equal(1, Assert.IsType<Outcome.Committed>(host.GoBack()).Release);
    }

    [Fact]
    public void What_the_registry_no_longer_has_is_said_once_with_the_reason()
    {
        host.Push("v2");
        host.Poll();
        host.Engine.PruneAll();
        host.Registry.Trouble = FakeRegistry.Down;

        host.KeepWayBackOpen();
        var obstacle = Assert.Single(host.KeepWayBackOpen()!);

        Assert.Contains("could not be fetched again", obstacle, StringComparison.Ordinal);
        Assert.Single(host.Log, line => line.StartsWith("Error: shop: Going back to release #1 is not possible", StringComparison.Ordinal));
        host.Registry.Trouble = null;
        Assert.Empty(host.KeepWayBackOpen()!);
    }

    [Fact]
    public void An_engine_that_is_away_has_lost_nothing()
    {
        host.Engine.IsAway = true;

        Assert.Throws<FailureException>(() => host.KeepWayBackOpen());

        Assert.DoesNotContain(host.Log, line => line.Contains("is not possible", StringComparison.Ordinal));
    }

    [Fact]
    public void The_tag_that_keeps_an_image_is_put_back()
    {
        host.Engine.Images.Single().References.Remove("eclusier/shop/web:1");
        host.Calls.Clear();

        Assert.Empty(host.KeepWayBackOpen()!);

        Assert.Contains("eclusier/shop/web:1", host.Engine.Images.Single().References);
        Assert.Empty(host.Calls.Of("pull"));
    }
}
