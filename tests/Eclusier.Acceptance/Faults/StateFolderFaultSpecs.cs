using Eclusier.Acceptance.Sweep;
using Eclusier.Lab;

namespace Eclusier.Acceptance.Faults;

/// <summary>The disk of the state folder is full, or read-only: nothing is decided that cannot be written down, and what runs goes on.</summary>
public sealed class StateFolderFaultSpecs(StateFolderFaultSpecs.Fixture fixture) : IClassFixture<StateFolderFaultSpecs.Fixture>
{
    private const string PauseAt = "ECLUSIER_PAUSE_AT";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SweptStack Stack => fixture.Stack;

    private EclusierHost Host => Stack.Host;

    private SmallDisk Disk => fixture.Disk;

    [Fact]
    public Task It_is_full_from_staging_on() => IsFullAsync(Scenario.GoodCommit, "journal.begin.stage.after");

    [Fact]
    public Task It_is_full_from_the_beginning_of_the_way_back_on() => IsFullAsync(Scenario.Rollback, "journal.begin.roll-back.after");

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("journal.begin.fetch.after")]
    [InlineData("journal.begin.render.after")]
    [InlineData("journal.begin.lock.after")]
    [InlineData("releases.publish.before")]
    [InlineData("journal.begin.apply.after")]
    [InlineData("compose.up.before")]
    [InlineData("journal.begin.health-gate.after")]
    [InlineData("journal.begin.soak.after")]
    [InlineData("journal.close.committed.before")]
    public Task It_is_full_from_any_other_step_of_a_good_deployment_on(string point) => IsFullAsync(Scenario.GoodCommit, point);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("journal.begin.apply.after")]
    [InlineData("journal.begin.health-gate.after")]
    [InlineData("journal.failure.before")]
    [InlineData("journal.begin.verify.after")]
    [InlineData("journal.close.rolled-back.before")]
    public Task It_is_full_from_any_other_step_of_a_bad_deployment_on(string point) => IsFullAsync(Scenario.Rollback, point);

    [Fact]
    public async Task It_is_full_when_the_agent_starts()
    {
        var attempt = await PrepareAsync(Scenario.GoodCommit);
        var before = await Stack.Shop.ContainersAsync();
        Disk.Fill();
        try
        {
            var (_, said) = await TryToStartAsync();
            Assert.True(IsFull(said), said);
            Assert.Equal(before.Select(container => container.Id), (await Stack.Shop.ContainersAsync()).Select(container => container.Id));
        }
        finally
        {
            Disk.Free();
        }

        await ExpectConvergedAsync(attempt, start: !Host.IsRunning);
    }

    /// <summary>As ext4 does after an error of the disk.</summary>
    [Fact]
    public async Task It_turns_read_only_and_is_repaired()
    {
        var attempt = await PrepareAsync(Scenario.GoodCommit);
        await Host.StartAsync();
        await Stack.RestAsync(attempt);
        var before = await Untouched.AsOfNowAsync(Stack.Shop);

        await Disk.BreakAsync();
        attempt = await Stack.PushGoodAsync();
        var status = await Stack.Shop.AwaitStatusAsync("it is told", status => status.State == "unavailable" && status.Trouble?.Attempts >= 2);
        Assert.True(IsReadOnly(status.Message), status.Message);
        await before.ExpectAsync();
        Assert.InRange(await Host.StopAsync(), 0, 5); // it ends as it should, and may say that it could not write that down

        // a start without a place to write in says so, and ends
        var (exitCode, said) = await TryToStartAsync();
        Assert.NotEqual(0, exitCode);
        Assert.True(IsReadOnly(said), said);
        await before.ExpectAsync();

        await Disk.RepairAsync();
        await ExpectConvergedAsync(attempt, start: true);
    }

    /// <summary>While it is full, the status says so, and what runs still answers unless the release is at fault; with space again it goes on by itself.</summary>
    private async Task IsFullAsync(Scenario scenario, string point)
    {
        var attempt = await PrepareAsync(scenario);
        Host.Environment[PauseAt] = point;
        await Host.StartAsync();
        Host.Environment.Remove(PauseAt);
        await Host.AwaitPauseAsync(Token);
        Disk.Fill();
        try
        {
            Host.Continue();
            var status = await Stack.Shop.AwaitStatusAsync("it is told that the disk is full", status => status.State is "unavailable" or "deploying" && IsFull(status.Message));
            Assert.NotNull(status.Trouble);
            Assert.Equal(attempt.GoodBefore, status.LastKnownGood?.Number); // nothing is decided that cannot be written down
            Assert.DoesNotContain(status.Quarantined, release => release.Commit == attempt.Commit);
        }
        finally
        {
            Disk.Free();
        }

        await ExpectConvergedAsync(attempt, start: false);
    }

    /// <summary>Whatever the test before came to.</summary>
    private async Task<Attempt> PrepareAsync(Scenario scenario)
    {
        if (Host.IsRunning)
        {
            await Host.KillAsync();
        }

        return await Stack.PrepareAsync(scenario);
    }

    private static bool IsFull(string message) =>
        message.Contains("disk is full", StringComparison.OrdinalIgnoreCase) || message.Contains("no space left", StringComparison.OrdinalIgnoreCase);

    private static bool IsReadOnly(string message) => message.Contains("read-only", StringComparison.OrdinalIgnoreCase);

    private async Task ExpectConvergedAsync(Attempt attempt, bool start)
    {
        if (start)
        {
            await Host.StartAsync();
        }

        var history = await Stack.RestAsync(attempt);
        Assert.Empty(await Invariants.FindViolationsAsync(Stack, attempt, history));
        Assert.Equal(0, await Host.StopAsync());
    }

    /// <summary>A daemon that may end at once.</summary>
    private async Task<(int? ExitCode, string Said)> TryToStartAsync()
    {
        await using var daemon = LabProcess.Start(Host.Program, ["monitor", "--config", Host.ConfigFile], Host.Environment, Host.Folder);
        await Wait.ForAsync("it ended, or says what is wrong", TimeSpan.FromSeconds(30), () => daemon.HasExited || daemon.Lines.Any(line => IsFull(line)), isOver => isOver, Token);
        int? exitCode = daemon.HasExited ? await daemon.WaitForExitAsync(TimeSpan.FromSeconds(5), Token) : null;
        await daemon.StopAsync(TimeSpan.FromSeconds(30));
        return (exitCode, string.Join('\n', daemon.Lines));
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal SweptStack Stack { get; private set; } = null!;

        internal SmallDisk Disk { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a disk");
            Stack = await SweptStack.CreateAsync();
            Disk = await SmallDisk.MountAsync(Stack.Host.StateDirectory);
        }

        public async ValueTask DisposeAsync()
        {
            if (Disk is not null)
            {
                if (Stack.Host.IsRunning)
                {
                    await Stack.Host.StopAsync();
                }

                await Disk.DisposeAsync();
            }

            if (Stack is not null)
            {
                await Stack.DisposeAsync();
            }
        }
    }
}
