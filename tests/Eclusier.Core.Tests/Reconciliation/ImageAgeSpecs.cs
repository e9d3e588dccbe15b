using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class ImageAgeSpecs : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MinAge = TimeSpan.FromHours(1);

    private static readonly Stack Careful = Some.Stack with { Images = new ImagePolicy { Follow = ["web"], Interval = Interval, MinAge = MinAge } };

    private readonly FakeHost host = new();

    public ImageAgeSpecs()
    {
        host.Push("latest");
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Poll(Careful);
    }

    private IReadOnlyList<YoungImage> HeldBack => YoungImage.Parse(host.State.YoungImages);

    public void Dispose() => host.Dispose();

    [Fact]
    public void The_first_digest_of_a_tag_is_taken_at_once() => Assert.True(host.Runs("web v1"));

    [Fact]
    public void A_digest_is_taken_so_long_after_it_was_first_seen()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Clock.Pass(Interval);
        Assert.IsType<Outcome.UpToDate>(host.Poll(Careful));
        Assert.Equal(new YoungImage("registry.test/web:latest", Some.Digest("web v2"), host.Clock.GetUtcNow()), Assert.Single(HeldBack));

        host.Clock.Pass(MinAge - TimeSpan.FromSeconds(1));
        Assert.IsType<Outcome.UpToDate>(host.Poll(Careful));
        Assert.True(host.Runs("web v1"));

        host.Clock.Pass(Interval);
        Assert.IsType<Outcome.Committed>(host.Poll(Careful));
        Assert.Equal(Cause.ImageMoved, host.Last.Cause);
        Assert.True(host.Runs("web v2"));
        Assert.Empty(HeldBack);
    }

    [Fact]
    public void A_commit_does_not_bring_it_in_before_its_time()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")).With("web", "command", "other"), "another command");

        Assert.IsType<Outcome.Committed>(host.Poll(Careful));

        Assert.True(host.Runs("web v1"));
        Assert.Single(HeldBack);
    }

    [Fact]
    public void Neither_does_a_person_who_asks_for_a_deployment()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");

        Assert.IsType<Outcome.UpToDate>(host.Deploy(Careful));
        Assert.IsType<Outcome.Committed>(host.Deploy(Careful, force: true));

        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_tag_that_moves_on_is_young_again()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Clock.Pass(Interval);
        host.Poll(Careful);
        host.Clock.Pass(MinAge - Interval);
        host.Registry.Push("registry.test/web:latest", "web v3");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.UpToDate>(host.Poll(Careful));

        Assert.Equal(Some.Digest("web v3"), Assert.Single(HeldBack).Digest);
        Assert.True(host.Runs("web v1"));
    }

    [Fact]
    public void A_tag_that_moves_back_is_held_back_no_longer()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        host.Clock.Pass(Interval);
        host.Poll(Careful);
        host.Registry.Push("registry.test/web:latest", "web v1");
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.UpToDate>(host.Poll(Careful));

        Assert.Empty(HeldBack);
    }

    [Fact]
    public void A_first_sight_that_lies_in_the_future_proves_no_age()
    {
        host.Registry.Push("registry.test/web:latest", "web v2");
        var later = host.Clock.GetUtcNow() + TimeSpan.FromDays(2);
        host.Journal.RecordYoungImages(Some.Shop, YoungImage.Format([new YoungImage("registry.test/web:latest", Some.Digest("web v2"), later)]));
        host.Clock.Pass(Interval);

        Assert.IsType<Outcome.UpToDate>(host.Poll(Careful));

        Assert.Equal(host.Clock.GetUtcNow(), Assert.Single(HeldBack).FirstSeenAt);
    }

    [Fact]
    public void A_commit_that_names_another_tag_is_taken_at_its_word()
    {
        host.Push("stable");

        Assert.IsType<Outcome.Committed>(host.Poll(Careful));

        Assert.True(host.Runs("web stable"));
    }

    [Fact]
    public void What_failed_is_nothing_to_keep_to()
    {
        host.Registry.Push("registry.test/web:latest", "web v2", ImageBehaviour.Crashes);
        host.Clock.Pass(Interval);
        host.Poll(Careful);
        host.Clock.Pass(MinAge);
        Assert.IsType<Outcome.RolledBack>(host.Poll(Careful));

        host.Registry.Push("registry.test/web:latest", "web v3");
        host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")).With("web", "command", "other"), "another command");
        Assert.IsType<Outcome.Committed>(host.Poll(Careful));
        Assert.True(host.Runs("web v1"));

        host.Clock.Pass(MinAge);
        Assert.IsType<Outcome.Committed>(host.Poll(Careful));
        Assert.True(host.Runs("web v3"));
    }
}
