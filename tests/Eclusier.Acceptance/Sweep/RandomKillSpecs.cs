using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary>The agent is killed at random moments, up to three times for one commit, so also while it recovers; at rest nothing is half done.</summary>
/// <remarks>A run follows from its seed, as far as the moments of a real machine can. <c>ECLUSIER_SWEEP_SEED=4711</c> does only that run again.</remarks>
public sealed class RandomKillSpecs
{
    private const int MostKills = 3;

    private static readonly Scenario[] Begun = [Scenario.GoodCommit, Scenario.BadCommit, Scenario.ManualRollback, Scenario.FirstAdoption];

    private static readonly int[] OneOfEach = [570000, 778928, 949941, 725137]; // the same each time: a third kill of a good commit is rolled back by right

    [Fact]
    public Task A_few_times() => SweepAsync("random-part", OneOfEach, installations: 1);

    [Fact, Trait("Length", "Long")]
    public Task Two_hundred_times() => SweepAsync("random", [.. Enumerable.Range(0, 200 - SweepReport.Count("random")).Select(_ => Random.Shared.Next(1_000_000))], installations: 2);

    private static Task SweepAsync(string name, int[] drawn, int installations)
    {
        int[] seeds = Environment.GetEnvironmentVariable("ECLUSIER_SWEEP_SEED") is { Length: > 0 } seed ? [int.Parse(seed)] : drawn;
        return new SweepRunner(name).RunAsync(seeds, Math.Min(installations, seeds.Length), RunAsync);
    }

    private static async Task<SweepResult> RunAsync(SweptStack stack, int seed)
    {
        var random = new Random(seed);
        var scenario = Begun[random.Next(Begun.Length)];
        var moments = Enumerable.Range(0, 1 + random.Next(MostKills)).Select(_ => TimeSpan.FromMilliseconds(random.Next(4000))).ToList();
        var attempt = await stack.PrepareAsync(scenario);
        return await SweepRunner.JudgedAsync(stack, attempt, $"seed {seed}: after {string.Join(", ", moments.Select(moment => $"{moment.TotalSeconds:0.00}"))} s", async () =>
        {
            var kills = 0;
            foreach (var moment in moments)
            {
                // the first time what was asked for; after that what systemd would start again
                await using var program = stack.Start(kills == 0 ? attempt : attempt with { Target = null });
                await Task.WhenAny(program.WaitForExitAsync(TimeSpan.FromMinutes(5)), Task.Delay(moment, TestContext.Current.CancellationToken));
                kills++;
                await program.KillAsync();
            }

            return kills;
        });
    }
}
