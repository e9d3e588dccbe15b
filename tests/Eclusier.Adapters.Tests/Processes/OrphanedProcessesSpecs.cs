using Eclusier.Adapters.Processes;
using Eclusier.Lab;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Adapters.Tests.Processes;

/// <summary>Programs that an agent started, after its death.</summary>
public sealed class OrphanedProcessesSpecs : IDisposable
{
    private const string DeadAgent = "4194304 1"; // no pid is that high

    private readonly LabFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_of_a_dead_agent_and_all_it_started_is_ended()
    {
        await using var orphan = Start($"{DeadAgent} {folder.Path}", "sleep 300 & env -i sleep 300 & echo $!; wait");
        await Wait.ForAsync("it has started its own", TimeSpan.FromSeconds(30), () => orphan.Lines.Count, count => count > 0, Cancellation);
        var stranger = int.Parse(orphan.Lines[0]); // it cleared its environment: only the group tells

        await EndAsync();

        Assert.NotEqual(0, await orphan.WaitForExitAsync(TimeSpan.FromSeconds(10), Cancellation));
        await Wait.ForAsync("all of its group have ended", TimeSpan.FromSeconds(30), () => IsAlive(stranger), isAlive => !isAlive, Cancellation);
    }

    [Fact]
    public async Task One_that_ignores_the_request_is_killed()
    {
        await using var orphan = Start($"{DeadAgent} {folder.Path}", "trap '' TERM; echo ready; while :; do sleep 0.2; done");
        await Wait.ForAsync("it ignores SIGTERM", TimeSpan.FromSeconds(30), () => orphan.Lines.Contains("ready"), isReady => isReady, Cancellation);

        await EndAsync();

        Assert.Equal(128 + 9, await orphan.WaitForExitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task Programs_of_a_living_agent_of_another_state_folder_or_of_nobody_are_left_alone()
    {
        var own = new ProcessRunner(TimeProvider.System, folder.Path).RunAsync(new ProcessSpec("sleep", "3"), Cancellation);
        await using var other = Start($"{DeadAgent} {folder.Path}-2", "sleep 300");
        await using var nobodys = Start(null, "sleep 300");

        await EndAsync();

        Assert.True((await own).Succeeded);
        Assert.False(other.HasExited);
        Assert.False(nobodys.HasExited);
    }

    [Fact]
    public async Task The_pid_of_the_dead_agent_may_be_another_programs_by_now()
    {
        await using var orphan = Start($"{Environment.ProcessId} 1 {folder.Path}", "sleep 300"); // the start time tells

        await EndAsync();

        Assert.NotEqual(0, await orphan.WaitForExitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    private Task EndAsync() => new OrphanedProcesses(folder.Path + "/", TimeProvider.System, NullLogger<OrphanedProcesses>.Instance).EndAsync();

    private static LabProcess Start(string? mark, string script)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        if (mark is not null)
        {
            environment["ECLUSIER_CHILD_OF"] = mark;
        }

        return LabProcess.Start("setsid", ["sh", "-c", script], environment);
    }

    private static bool IsAlive(int process) => File.Exists($"/proc/{process}/stat") && File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0] != 'Z';
}
