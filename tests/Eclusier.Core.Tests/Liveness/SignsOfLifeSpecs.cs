using Eclusier.Core.Liveness;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Core.Tests.Liveness;

public sealed class SignsOfLifeSpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    private readonly FakeTimeProvider time = new();
    private readonly SignsOfLife signs;

    public SignsOfLifeSpecs()
    {
        signs = new SignsOfLife(time, Patience);
        signs.Follow();
    }

    [Fact]
    public void Work_in_which_nothing_happens_is_missed_after_the_patience()
    {
        time.Advance(Patience);
        Assert.Null(signs.WhyMissing());

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("nothing has happened for 10 min", signs.WhyMissing());
    }

    [Fact]
    public void A_wait_may_last_as_long_as_it_says_and_the_patience_on_top()
    {
        using (SignsOfLife.Expect("docker", TimeSpan.FromHours(1)))
        {
            time.Advance(TimeSpan.FromHours(1) + Patience);
            Assert.Null(signs.WhyMissing());

            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("docker has not come to its end for 69 min", signs.WhyMissing());
        }

        Assert.Null(signs.WhyMissing());
    }

    [Fact]
    public void A_wait_for_what_is_watched_by_itself_may_last_for_ever()
    {
        using var expected = SignsOfLife.Expect("a free slot", atMost: null);
        time.Advance(TimeSpan.FromDays(30));

        Assert.Null(signs.WhyMissing());
    }

    [Fact]
    public void A_wait_that_gets_signs_of_life_begins_anew_with_each()
    {
        using var pull = SignsOfLife.Expect("the pull", TimeSpan.FromMinutes(1));
        for (var sign = 0; sign < 10; sign++)
        {
            time.Advance(TimeSpan.FromMinutes(5));
            pull.Renew();
        }

        Assert.Null(signs.WhyMissing());
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.StartsWith("the pull", signs.WhyMissing(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_waits_at_once_each_counts()
    {
        using var pull = SignsOfLife.Expect("the pull", TimeSpan.FromHours(2));
        using var probe = SignsOfLife.Expect("the probe", TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal("the probe has not come to its end for 10 min", signs.WhyMissing());
    }

    [Fact]
    public async Task A_wait_anywhere_within_the_work_is_its_own_and_no_other_s()
    {
        var other = new SignsOfLife(time, Patience);
        await Task.Run(async () =>
        {
            await Task.Yield();
            using var expected = SignsOfLife.Expect("git", TimeSpan.FromMinutes(15));
            time.Advance(TimeSpan.FromMinutes(20));
            Assert.Null(signs.WhyMissing());
            Assert.NotNull(other.WhyMissing());
        }, TestContext.Current.CancellationToken);
    }
}
