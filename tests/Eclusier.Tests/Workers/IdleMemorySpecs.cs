using Eclusier.Core.Deployments;
using Eclusier.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests.Workers;

public sealed class IdleMemorySpecs : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Outcome NothingNew = new Outcome.UpToDate("main is at 1eabc9a");
    private static readonly Outcome Deployed = new Outcome.Committed(41, "last known good");

    private readonly FakeTimeProvider clock = new();
    private readonly IdleMemory memory;
    private int given;

    public IdleMemorySpecs() => memory = new IdleMemory(() => given++, clock);

    [Fact]
    public void What_the_start_needed_is_given_back_once_all_has_been_quiet_for_a_while()
    {
        memory.GiveBackAfter(NothingNew);
        Assert.Equal(0, given);
        clock.Advance(Minute);
        Assert.Equal(1, given);
    }

    [Fact]
    public void A_poll_that_finds_nothing_costs_nothing_of_it()
    {
        memory.GiveBackAfter(NothingNew);
        clock.Advance(Minute);
        var collections = GC.CollectionCount(GC.MaxGeneration);
        for (var poll = 0; poll < 100; poll++)
        {
            memory.GiveBackAfter(NothingNew);
            clock.Advance(Minute);
        }

        Assert.Equal(1, given);
        Assert.True(GC.CollectionCount(GC.MaxGeneration) - collections < 100, "each poll collects");
    }

    [Fact]
    public void Deployments_close_to_each_other_are_waited_for()
    {
        for (var deployment = 0; deployment < 5; deployment++)
        {
            memory.GiveBackAfter(Deployed);
            clock.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(0, given);
        clock.Advance(Minute);
        Assert.Equal(1, given);
    }

    [Fact]
    public void After_the_end_nothing_is_asked_of_a_closed_database()
    {
        memory.GiveBackAfter(Deployed);
        memory.Dispose();
        clock.Advance(Minute);
        memory.GiveBackAfter(Deployed);
        clock.Advance(Minute);
        Assert.Equal(0, given);
    }

    public void Dispose() => memory.Dispose();
}
