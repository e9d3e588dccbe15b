using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

/// <summary>Somebody, or NTP, puts the clock forward or back by an hour: nothing comes early that should not, and nothing is held up.</summary>
public sealed class ClockSpecs : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly Stack Following = Some.Stack with { Images = new ImagePolicy { Follow = ["web"], Interval = TimeSpan.FromMinutes(5) } };

    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void In_the_middle_of_a_deployment_it_is_committed_all_the_same(int hours)
    {
        host.Push("v1");
        host.Clock.In(TimeSpan.FromSeconds(5), () => host.Clock.Put(hours * Hour));

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void In_the_middle_of_a_bad_deployment_it_is_rolled_back_all_the_same(int hours)
    {
        host.Push("v1");
        host.Poll();
        host.Push("v2", ImageBehaviour.AnswersBadly);
        var before = host.Clock.Elapsed;
        host.Clock.In(TimeSpan.FromSeconds(5), () => host.Clock.Put(hours * Hour));

        Assert.IsType<Outcome.RolledBack>(host.Poll());

        Assert.True(host.Runs("web v1"));
        Assert.InRange(host.Clock.Elapsed - before, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(200));
    }

    [Fact]
    public void Put_back_it_does_not_keep_a_followed_tag_from_being_asked_for()
    {
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")));
        host.Poll(Following);
        host.Clock.Put(-Hour);
        host.Registry.Push("registry.test/web:latest", "web v2");

        Assert.IsType<Outcome.Committed>(host.Poll(Following));
    }

    [Fact]
    public void Put_forward_it_ends_no_wait_for_an_image_before_its_time()
    {
        host.Push("v1");
        host.Poll();
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")), "to v2");
        host.Poll();
        host.Clock.Put(Hour);

        host.Clock.Pass(TimeSpan.FromMinutes(14));
        var waiting = Assert.IsType<Outcome.Waiting>(host.Poll());
        Assert.InRange(waiting.Until - host.Clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        host.Clock.Pass(TimeSpan.FromMinutes(1));

        Assert.IsType<Outcome.Expired>(host.Poll());
    }

    [Fact]
    public void Put_back_it_stretches_no_wait_for_an_image_by_that_hour()
    {
        host.Push("v1");
        host.Poll();
        host.Repository.Commit(Some.Model(("web", "registry.test/web:v2")), "to v2");
        host.Poll();
        host.Clock.Put(-Hour);

        var waiting = Assert.IsType<Outcome.Waiting>(host.Poll());

        Assert.InRange(waiting.Until - host.Clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromMinutes(15));
    }
}
