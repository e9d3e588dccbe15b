using Eclusier.Adapters.Probes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Tests.DockerEngine;

public sealed class CommandsSpecs(EngineLab lab) : IClassFixture<EngineLab>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_tells_its_exit_code_and_what_it_printed()
    {
        var id = await lab.RunAsync(lab.Project("command"), "web", [], "stay");

        var good = await lab.Engine.ExecAsync(id, ["/box", "say", "fine"], Cancelled);
        Assert.Equal((0L, "fine\n"), (good.ExitCode, good.Output));

        var bad = await lab.Engine.ExecAsync(id, ["/box", "complain", "no $HOME; rm -rf 'here'", "exit", "7"], Cancelled);
        Assert.Equal((7L, "no $HOME; rm -rf 'here'\n"), (bad.ExitCode, bad.Output));
    }

    [Fact]
    public async Task Of_long_output_the_end_is_kept()
    {
        var id = await lab.RunAsync(lab.Project("talkative"), "web", [], "stay");

        var result = await lab.Engine.ExecAsync(id, ["/box", "long", "200000", "say", "the end"], Cancelled);

        Assert.Equal(4096, result.Output.Length);
        Assert.EndsWith("x\nthe end\n", result.Output);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_has_a_bad_exit_code()
    {
        var id = await lab.RunAsync(lab.Project("unknown"), "web", [], "stay");

        var result = await lab.Engine.ExecAsync(id, ["/missing"], Cancelled);

        Assert.True(result.ExitCode is 126 or 127, $"{result.ExitCode}");
        Assert.Contains("/missing", result.Output);
    }

    [Fact]
    public async Task A_container_that_does_not_run_or_is_gone_is_rejected()
    {
        var id = await lab.CreateAsync(lab.Project("asleep"), "web", []);

        Assert.Equal(FailureKind.Rejected, (await Assert.ThrowsAsync<FailureException>(() => lab.Engine.ExecAsync(id, ["/box"], Cancelled))).Kind);
        Assert.Equal(FailureKind.Rejected, (await Assert.ThrowsAsync<FailureException>(() => lab.Engine.ExecAsync(lab.Id, ["/box"], Cancelled))).Kind);
    }

    [Fact]
    public async Task A_command_is_left_when_the_callers_time_is_up()
    {
        var id = await lab.RunAsync(lab.Project("slow"), "web", [], "stay");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.Engine.ExecAsync(id, ["/box", "rest", "20"], limit.Token).WaitAsync(TimeSpan.FromSeconds(5), Cancelled));
    }

    [Fact]
    public async Task A_probe_runs_its_command_in_the_real_container()
    {
        var project = lab.Project("probed");
        await lab.RunAsync(project, "db", [], "stay");
        var stack = new Stack(StackName.Parse(project), new Source("https://example.org/shop.git", new RevisionSelector.Branch("main")));
        var probes = new HealthProbes(lab.Engine, TimeProvider.System);

        Assert.Equal(new ProbeResult(true, "exit code 0: ready"), await probes.ProbeAsync(stack, new Probe.Exec("db", ["/box", "say", "ready"]), Cancelled));
        Assert.Equal(new ProbeResult(false, "exit code 1: not ready"), await probes.ProbeAsync(stack, new Probe.Exec("db", ["/box", "say", "not ready", "exit", "1"]), Cancelled));
        Assert.Equal(
            new ProbeResult(false, "no answer within 1s"),
            await probes.ProbeAsync(stack, new Probe.Exec("db", ["/box", "rest", "20"]) { Timeout = TimeSpan.FromSeconds(1) }, Cancelled));
        Assert.Equal(new ProbeResult(false, "no container of cache is running"), await probes.ProbeAsync(stack, new Probe.Exec("cache", ["/box"]), Cancelled));
    }
}
