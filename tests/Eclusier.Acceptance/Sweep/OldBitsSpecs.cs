using System.Diagnostics;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>How long a bad push keeps the application away, beside a person's <c>docker compose up</c> of the same way back.</summary>
[Trait("Length", "Long")]
public sealed class OldBitsSpecs
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly int rounds = int.Parse(Environment.GetEnvironmentVariable("ECLUSIER_SWEEP_ROUNDS") ?? "20");

    [Fact]
    public async Task After_a_bad_push_the_old_bits_answer_again_each_time()
    {
        await using var stack = await SweptStack.CreateAsync();
        var first = await stack.PrepareAsync(Scenario.GoodCommit);
        await stack.Host.StartAsync();
        await stack.Shop.ExpectAsync("committed", first.Commit);
        var (back, backOnly, bare) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var attempt = await stack.PrepareAsync(Scenario.BadCommit);
            var pushed = DateTimeOffset.UtcNow;
            var answersAgain = await WatchAsync(stack, attempt);
            var deployment = await stack.Shop.ExpectAsync("rolled-back", attempt.Commit);
            back.Add((answersAgain - pushed).TotalSeconds);
            backOnly.Add((answersAgain - deployment.Steps.First(step => step.Step == "roll-back").StartedAt).TotalSeconds);
        }

        await stack.Host.StopAsync();
        for (var round = 0; round < rounds; round++)
        {
            await stack.UpByHandAsync(good: false);
            var watch = Stopwatch.StartNew();
            await stack.UpByHandAsync(good: true);
            await Wait.ForAsync("it answers", Longest, () => stack.Shop.AnswerAsync(), IsGood, Token);
            bare.Add(watch.Elapsed.TotalSeconds);
        }

        SweepReport.AddTimes("back", back);
        SweepReport.AddTimes("back-only", backOnly);
        SweepReport.AddTimes("bare", bare);
        SweepReport.Write();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static bool IsGood(string answer) => answer is "web a" or "web b";

    /// <returns>When it answered again, after it had not.</returns>
    private static async Task<DateTimeOffset> WatchAsync(SweptStack stack, Attempt attempt)
    {
        await Wait.ForAsync($"{attempt.Commit[..7]} is there and does not answer", Longest, () => stack.Shop.AnswerAsync(), answer => !IsGood(answer), Token);
        await Wait.ForAsync("the old bits answer", Longest, () => stack.Shop.AnswerAsync(), IsGood, Token);
        return DateTimeOffset.UtcNow;
    }
}
