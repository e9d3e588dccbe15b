using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>60 stacks over 12 repositories in one agent: real git server, git and Compose; the engine only remembers what it is told (<see cref="FakeEngine"/>).</summary>
public sealed class ManyStacksSpecs(ManyStacks many) : IClassFixture<ManyStacks>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Fleet Fleet => many.Fleet;

    [Fact]
    public async Task After_a_start_each_repository_is_asked_once_per_interval_and_the_looks_spread_over_it()
    {
        await Fleet.Host.StopAsync();
        var looks = many.CountLooks();
        var asked = Fleet.Git.Received.Count;
        await Fleet.Host.StartAsync();
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(ManyStacks.Interval * 4, Token);

        var first = looks.Select(stack => stack.Value.First()).ToList();
        var second = looks.Where(stack => stack.Value.Count > 1).Select(stack => stack.Value.ElementAt(1)).ToList();
        Assert.Equal(ManyStacks.Stacks, first.Count);
        Assert.Equal(ManyStacks.Stacks, second.Count);
        Assert.InRange(MostWithin(first, TimeSpan.FromMilliseconds(250)), 1, 30); // not all at once
        Assert.InRange(MostWithin(second, ManyStacks.Interval / 5), 1, ManyStacks.Stacks / 2); // evenly it would be a fifth
        Assert.All(looks, stack => Assert.InRange(LongestGap(stack.Value), TimeSpan.Zero, (ManyStacks.Interval * 1.1) + ManyStacks.Patience));
        foreach (var repository in Enumerable.Range(0, ManyStacks.Repositories))
        {
            // the first question of a start is two: what the server can do, and the references
            var questions = Fleet.Git.Received.Skip(asked).Count(request => request.Method == "POST" && request.Path.StartsWith(Fleet.PathOf(repository), StringComparison.Ordinal));
            Assert.InRange(questions, 3, 7); // 20 stacks look some 90 times at the first repository meanwhile
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < ManyStacks.Interval * 5, "the machine is too busy to tell");
        Assert.Empty(Fleet.Engine.NotUnderstood);
    }

    [Fact]
    public async Task A_repository_that_hangs_delays_no_other()
    {
        var path = Fleet.PathOf(5);
        var affected = Fleet.StacksOf(5);
        var looks = many.CountLooks();
        var isHeldUp = true;
        Fleet.Git.HoldsUp = request => Volatile.Read(ref isHeldUp) && request.Path.StartsWith(path, StringComparison.Ordinal);
        await Task.Delay(ManyStacks.Interval * 3, Token);
        Volatile.Write(ref isHeldUp, false);

        var others = looks.Where(stack => !affected.Contains(stack.Key)).ToList();
        Assert.Equal(ManyStacks.Stacks - affected.Count, others.Count);
        Assert.All(others, stack => Assert.InRange(LongestGap(stack.Value), TimeSpan.Zero, (ManyStacks.Interval * 1.1) + ManyStacks.Patience));
        Assert.All(affected, stack => Assert.InRange(looks[stack].Count, 1, 2)); // it did hang
    }

    [Fact]
    public async Task A_repository_whose_fetch_hangs_holds_up_no_deployment_of_another()
    {
        var hanging = Fleet.PathOf(0);
        var isHeldUp = true;
        Fleet.Git.HoldsUp = request => Volatile.Read(ref isHeldUp) && request.IsOfGit && request.Path.StartsWith(hanging, StringComparison.Ordinal);
        var late = Fleet.PushVersion(0, "late");
        await Wait.ForAsync("the fetch hangs", ManyStacks.InTime, () => Fleet.Git.Received.Count(request => request.BeginsFetch && request.Path.StartsWith(hanging, StringComparison.Ordinal)), count => count > 1, Token);
        await Task.Delay(ManyStacks.Interval * 1.2, Token); // by now all of its stacks know of the commit

        var image = Fleet.PushVersion(3, "beside-a-hanging-one");

        await many.AwaitImageAsync(Fleet.StacksOf(3), image, Token);
        Assert.DoesNotContain(Fleet.StacksOf(0), stack => Fleet.Engine.ImagesOf(stack).Contains(late)); // it hangs still
        Volatile.Write(ref isHeldUp, false);
        await many.AwaitImageAsync(Fleet.StacksOf(0), late, Token);
    }

    [Fact]
    public async Task One_push_deploys_every_stack_that_follows_it_with_one_fetch()
    {
        var (from, asked) = (Fleet.Host.Journal.Count, Fleet.Git.Received.Count);
        var others = Fleet.Stacks.Except(Fleet.StacksOf(0)).ToDictionary(stack => stack, Fleet.Engine.ImagesOf);

        var image = Fleet.PushVersion(0, "all-at-once");

        await many.AwaitImageAsync(Fleet.StacksOf(0), image, Token);
        await Fleet.AwaitCommittedAsync(ManyStacks.Sharing, ManyStacks.InTime, Token, from);
        Assert.Equal(1, Fleet.Git.Received.Skip(asked).Count(request => request.BeginsFetch && request.Path.StartsWith(Fleet.PathOf(0), StringComparison.Ordinal)));
        Assert.All(others, stack => Assert.Equal(stack.Value, Fleet.Engine.ImagesOf(stack.Key)));
        Assert.Empty(Fleet.Engine.NotUnderstood);
    }

    private static int MostWithin(IReadOnlyList<long> times, TimeSpan window) =>
        times.Max(begin => times.Count(time => time >= begin && Stopwatch.GetElapsedTime(begin, time) < window));

    private static TimeSpan LongestGap(IReadOnlyCollection<long> times) =>
        times.Zip(times.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one, next)).DefaultIfEmpty().Max();
}
