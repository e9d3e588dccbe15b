using Eclusier.Lab;

namespace Eclusier.Acceptance.Sweep;

/// <summary><c>systemctl restart</c> in the middle of each step: the agent ends in order and with 0, and the next one brings to its end what was under way.</summary>
public sealed class StopSweepSpecs
{
    private const string PauseAt = "ECLUSIER_PAUSE_AT";
    private const int SigTerm = 15;
    private const int SigCont = 18;

    private static readonly TimeSpan StopTime = TimeSpan.FromMinutes(2);

    private static readonly (Scenario Scenario, string Step)[] EachStep =
    [
        .. Steps(Scenario.GoodCommit, "fetch", "render", "lock", "stage", "apply", "health-gate", "soak"),
        .. Steps(Scenario.BadCommit, "stage", "apply", "health-gate"),
        .. Steps(Scenario.Rollback, "roll-back", "verify"),
        .. Steps(Scenario.FirstAdoption, "fetch", "render", "lock", "stage", "apply", "health-gate", "soak"),
    ];

    [Fact]
    public Task In_some_steps() => SweepAsync("stops-part", [(Scenario.GoodCommit, "stage"), (Scenario.GoodCommit, "soak"), (Scenario.BadCommit, "apply"), (Scenario.Rollback, "roll-back")], installations: 1);

    [Fact, Trait("Length", "Long")]
    public Task In_each_step() => SweepAsync("stops", EachStep, installations: 2);

    private static IEnumerable<(Scenario, string)> Steps(Scenario scenario, params string[] steps) => steps.Select(step => (scenario, step));

    private static Task SweepAsync(string name, (Scenario Scenario, string Step)[] steps, int installations) =>
        new SweepRunner(name).RunAsync(steps, installations, (stack, place) => RestartAsync(stack, place.Scenario, $"journal.begin.{place.Step}.after"));

    private static async Task<SweepResult> RestartAsync(SweptStack stack, Scenario scenario, string point)
    {
        var attempt = await stack.PrepareAsync(scenario);
        var exitCode = 0;
        var result = await SweepRunner.JudgedAsync(stack, attempt, $"stopped at {point}", async () =>
        {
            await using var program = stack.Start(attempt, (PauseAt, point));
            await Wait.UntilAsync($"it has come to {point}", StopTime, () => Task.FromResult(program.HasExited || program.IsPaused), TestContext.Current.CancellationToken);
            program.Signal(SigTerm);
            program.Signal(SigCont);
            exitCode = await program.WaitForExitAsync(StopTime, TestContext.Current.CancellationToken);
            return 1;
        });
        return exitCode == 0 ? result : result with { Violations = [.. result.Violations, $"told to stop, it ended with {exitCode}"] };
    }
}
