using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>The clock is put forward or back by an hour while a release is at the health gate; more of it, with time that passes at once, in the core's <c>ClockSpecs</c>.</summary>
public sealed class ClockFaultSpecs
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task At_the_health_gate(int hours)
    {
        await using var shop = await Shop.CreateAsync(health: "timeout: 8s\ninterval: 300ms\nsoak: 1s");
        using var clock = await ShiftedClock.CreateAsync();
        foreach (var (name, value) in clock.Environment)
        {
            shop.Host.Environment[name] = value;
        }

        shop.WebKeys = "stop_grace_period: 1s";
        await shop.BeginWithAsync("v1");
        Assert.InRange((await shop.StatusAsync()).LastCheckAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));

        // a good release, which takes a while: the hour is not counted
        var from = shop.Host.Journal.Count;
        var good = await shop.PushAsync("v2", version => version.With("start_delay", "3"));
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        clock.Shift(TimeSpan.FromHours(hours));
        var watch = Stopwatch.StartNew();
        var deployment = await shop.ExpectAsync("committed", good);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange((deployment.EndedAt!.Value - deployment.StartedAt).TotalHours, hours - 0.1, hours + 0.1); // the clock was moved indeed

        // it is not held up, and asks no faster: the next commit is seen, and a bad one goes back
        await shop.PollsAsync(2);
        var bad = await shop.PushAsync("v3", version => version.Answering(500));
        from = shop.Host.Journal.Count;
        await shop.Host.AwaitLineAsync("Health check 1:", from, cancellationToken: Token);
        clock.Shift(TimeSpan.Zero);
        await shop.ExpectAsync("rolled-back", bad);
        Assert.Equal("web v2", await shop.AnswerAsync());
        Assert.Equal(good, (await shop.AwaitStatusAsync("it is told", status => status.State == "rolled-back")).LastKnownGood?.Commit);
    }
}
