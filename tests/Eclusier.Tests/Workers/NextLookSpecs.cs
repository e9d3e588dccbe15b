using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Workers;

namespace Eclusier.Tests.Workers;

public sealed class NextLookSpecs
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Stack Shop = new(StackName.Parse("shop"), new Source("https://git.test/shop.git", new RevisionSelector.Branch("main"))) { Interval = TimeSpan.FromMinutes(3) };

    private readonly NextLook next = new(new Random(4711));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(6, 160)]
    [InlineData(7, 180)]
    [InlineData(5000, 180)]
    public void Trouble_that_passes_is_looked_at_ever_later_and_not_later_than_the_interval(int attempts, double seconds) => Assert.All(
        Many(Away(), Shop, attempts), delay => Assert.InRange(delay, 0.75 * seconds * Second, seconds * Second));

    [Fact]
    public void An_interval_of_hours_does_not_keep_trouble_from_being_looked_at() => Assert.All(
        Many(Away(), Shop with { Interval = TimeSpan.FromHours(6) }, attempts: 20), delay => Assert.True(delay <= NextLook.Longest));

    [Fact]
    public void Stacks_that_are_in_the_same_trouble_do_not_all_ask_at_once()
    {
        var delays = Many(Away(), Shop, attempts: 7);

        Assert.True(delays.Max() - delays.Min() > 30 * Second);
        var again = new NextLook(new Random(4711));
        Assert.Equal(delays, Enumerable.Range(0, delays.Count).Select(_ => again.After(Away(), Shop, 7))); // and yet the same dice throw the same
    }

    [Fact]
    public void Who_says_when_to_come_back_is_not_asked_before() => Assert.All(
        Many(Away(60 * Second), Shop, attempts: 1), delay => Assert.InRange(delay, 60 * Second, 66 * Second));

    [Fact]
    public void But_nobody_gets_a_day() => Assert.All(
        Many(Away(TimeSpan.FromDays(1)), Shop, attempts: 1), delay => Assert.InRange(delay, NextLook.Longest, NextLook.Longest * 1.1));

    [Fact]
    public void A_short_time_to_come_back_does_not_make_the_tries_denser() => Assert.All(
        Many(Away(TimeSpan.Zero), Shop, attempts: 6), delay => Assert.True(delay >= 0.75 * 160 * Second));

    [Fact]
    public void Without_trouble_it_is_about_the_interval() => Assert.All(
        Many(new Outcome.UpToDate("nothing new"), Shop, attempts: 1), delay => Assert.InRange(delay, 162 * Second, 198 * Second));

    [Fact]
    public void The_looks_of_many_stacks_that_began_together_spread_evenly_over_the_interval_and_none_comes_late()
    {
        var delays = Enumerable.Range(0, 1000).Select(_ => next.AfterFirst(new Outcome.UpToDate("nothing new"), Shop, attempts: 1)).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, 18 * Second, 198 * Second));
        Assert.All(delays.CountBy(delay => (int)((delay - (18 * Second)) / (18 * Second))), tenth => Assert.InRange(tenth.Value, 60, 140));
    }

    [Fact]
    public void A_first_look_that_was_in_vain_is_tried_again_as_any_other() => Assert.All(
        Enumerable.Range(0, 100).Select(_ => next.AfterFirst(Away(), Shop, attempts: 1)), delay => Assert.InRange(delay, 3.75 * Second, 5 * Second));

    [Fact]
    public void An_image_that_is_awaited_is_asked_for_every_few_seconds() => Assert.All(
        Many(new Outcome.Waiting(new Failure(FailureKind.Waiting, "not pushed yet"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(15)), Shop, attempts: 1), delay => Assert.InRange(delay, 13.5 * Second, 16.5 * Second));

    private List<TimeSpan> Many(Outcome outcome, Stack stack, int attempts) => [.. Enumerable.Range(0, 100).Select(_ => next.After(outcome, stack, attempts))];

    private static Outcome.Unavailable Away(TimeSpan? retryAfter = null) => new(new Failure(FailureKind.Transient, "the registry does not answer") { RetryAfter = retryAfter });
}
