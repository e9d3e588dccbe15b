using Eclusier.Webhooks;
using Eclusier.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests.Webhooks;

/// <summary>What keeps a storm of webhooks small.</summary>
public sealed class LimitsSpecs
{
    private readonly FakeTimeProvider time = new(Some.Now);

    [Fact]
    public void The_first_nudge_is_at_once_and_all_that_follow_are_one_more_look()
    {
        var pace = new NudgePace(time);
        var looks = 0;
        for (var webhook = 0; webhook < 500; webhook++)
        {
            if (pace.IsFirst() && pace.Rest() <= TimeSpan.Zero)
            {
                pace.Begin();
                looks++;
            }

            time.Advance(TimeSpan.FromMilliseconds(2));
        }

        Assert.Equal(1, looks);
        Assert.False(pace.IsFirst()); // it is nudged still
        Assert.InRange(pace.Rest().TotalSeconds, 3.9, 4.1);
        time.Advance(pace.Rest());
        Assert.True(pace.Rest() <= TimeSpan.Zero);
        pace.Begin();
        Assert.True(pace.IsFirst());
    }

    [Fact]
    public void A_delivery_is_taken_once_within_an_hour()
    {
        var memory = new DeliveryMemory(time);
        Assert.True(memory.IsNew("shop", ["signature a", "id 1"]));
        Assert.False(memory.IsNew("shop", ["signature a", "id 2"]));
        Assert.False(memory.IsNew("shop", ["signature b", "id 1"]));
        Assert.True(memory.IsNew("blog", ["signature a", "id 1"]));
        Assert.True(memory.IsNew("shop", []));
        Assert.True(memory.IsNew("shop", []));

        time.Advance(DeliveryMemory.Window - TimeSpan.FromSeconds(1));
        Assert.False(memory.IsNew("shop", ["signature a"]));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(memory.IsNew("shop", ["signature a"]));
    }

    [Fact]
    public void Deliveries_without_end_fill_no_memory()
    {
        var memory = new DeliveryMemory(time);
        for (var delivery = 0; delivery < 50_000; delivery++)
        {
            Assert.True(memory.IsNew("shop", [$"id {delivery}"]));
        }

        Assert.False(memory.IsNew("shop", ["id 49999"]));
        Assert.True(memory.IsNew("shop", ["id 1"])); // long forgotten
    }

    [Fact]
    public void So_many_at_once_and_then_so_many_per_second()
    {
        var allowance = new Allowance(3, 2, time);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => allowance.TryTake("10.0.0.7")));
        Assert.True(allowance.TryTake("10.0.0.8"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => allowance.TryTake("10.0.0.7")));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => allowance.TryTake("10.0.0.7")));
    }
}
