using Eclusier.Acceptance.Sweep;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>
/// The Docker Engine is lost in the middle of <c>docker compose up</c>: a relay before it goes away, the machine's own engine does not.
/// Lost before a deployment, or at the health gate: see <see cref="OutageSpecs"/>.
/// </summary>
public sealed class EngineFaultSpecs(EngineFaultSpecs.Fixture fixture) : IClassFixture<EngineFaultSpecs.Fixture>
{
    private const string InTheMiddleOfUp = "compose.up.running.400ms";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SweptStack Stack => fixture.Stack;

    [Fact]
    public Task It_vanishes_in_the_middle_of_up() => LosesAsync(Scenario.GoodCommit, VanishesAsync);

    [Fact]
    [Trait("Length", "Long")]
    public Task It_vanishes_in_the_middle_of_the_way_back() => LosesAsync(Scenario.Rollback, VanishesAsync, ups: 2);

    [Fact]
    [Trait("Length", "Long")]
    public Task It_stalls_in_the_middle_of_up() => LosesAsync(Scenario.GoodCommit, StallsAsync);

    [Fact]
    [Trait("Length", "Long")]
    public Task It_stalls_in_the_middle_of_the_way_back() => LosesAsync(Scenario.Rollback, StallsAsync, ups: 2);

    /// <summary>Whatever was half done then: afterwards the release runs, or the last known good one does, and nothing is left over.</summary>
    /// <param name="ups">Which <c>up</c> of the deployment it is: that of the way back is the second.</param>
    private async Task LosesAsync(Scenario scenario, Func<Attempt, Task> lose, int ups = 1)
    {
        var attempt = await Stack.PrepareAsync(scenario);
        var trace = Path.Combine(Stack.Host.Folder, $"trace-{attempt.LastDeployment}");
        Stack.Host.Environment[SweptStack.CrashTraceFile] = trace;
        await Stack.Host.StartAsync();
        await Wait.ForAsync($"`up` number {ups} is at work", TimeSpan.FromMinutes(1), () => Passed(trace, InTheMiddleOfUp), times => times >= ups, Token);

        await lose(attempt);

        var history = await Stack.RestAsync(attempt);
        Assert.Empty(await Invariants.FindViolationsAsync(Stack, attempt, history));
        Assert.Equal(scenario == Scenario.Rollback, (await Stack.Shop.StatusAsync()).Quarantined.Any(release => release.Commit == attempt.Commit));
        await Stack.Host.StopAsync();
    }

    private async Task VanishesAsync(Attempt attempt)
    {
        fixture.Relay.Stop();
        var status = await Stack.Shop.AwaitStatusAsync("it is told that the engine is away", status => status.Message.Contains("Docker Engine", StringComparison.Ordinal));
        await Wait.ForAsync("it was tried again", TimeSpan.FromMinutes(1), () => Stack.Host.Journal.Count(IsTriedAgain), count => count > 1, Token);
        ExpectStillDeploying(status, attempt);
        ExpectStillDeploying(await Stack.Shop.StatusAsync(), attempt);
        fixture.Relay.StartAgain();

        bool IsTriedAgain(string line) => line.Contains("is tried again in", StringComparison.Ordinal) && line.Contains("Applying release", StringComparison.Ordinal);
    }

    /// <summary>Longer than a question to the engine may take.</summary>
    private async Task StallsAsync(Attempt attempt)
    {
        fixture.Relay.Freeze();
        var status = await Stack.Shop.AwaitStatusAsync("it is told that the engine does not answer", status => status.Message.Contains("does not answer", StringComparison.Ordinal));
        ExpectStillDeploying(status, attempt);
        fixture.Relay.Thaw();
    }

    private static void ExpectStillDeploying(StatusView status, Attempt attempt)
    {
        Assert.Equal("deploying", status.State);
        Assert.Equal(attempt.Commit, status.Deployment?.Commit);
        Assert.Equal(attempt.GoodBefore, status.LastKnownGood?.Number); // nothing is decided
    }

    private static int Passed(string trace, string point) => File.Exists(trace) ? File.ReadLines(trace).Count(line => line == point) : 0;

    public sealed class Fixture : IAsyncLifetime
    {
        internal SweptStack Stack { get; private set; } = null!;

        internal EngineRelay Relay { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Relay = EngineRelay.Start();
            Stack = await SweptStack.CreateAsync();
            Stack.Host.Environment["DOCKER_HOST"] = Relay.Endpoint;
        }

        public async ValueTask DisposeAsync()
        {
            await Stack.DisposeAsync();
            await Relay.DisposeAsync();
        }
    }
}
