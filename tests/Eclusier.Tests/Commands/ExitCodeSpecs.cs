using Eclusier.Commands;
using Eclusier.Operations;

namespace Eclusier.Tests.Commands;

public sealed class ExitCodeSpecs
{
    [Theory]
    [InlineData("done", 0)]
    [InlineData("committed", 0)]
    [InlineData("up-to-date", 0)]
    [InlineData("rejected", 1)]
    [InlineData("rolled-back", 3)]
    [InlineData("failed", 3)]
    [InlineData("blocked", 4)]
    [InlineData("waiting", 5)]
    [InlineData("expired", 5)]
    [InlineData("unavailable", 5)]
    [InlineData("rollback-failed", 6)]
    [InlineData("a-word-of-a-newer-daemon", 5)]
    public async Task Each_outcome_has_its_exit_code(string outcome, int expected)
    {
        using var bench = new Bench();
        bench.Agent.Outcome = stack => new OutcomeReport(stack.Value, outcome, "as it is", null);

        Assert.Equal(expected, await bench.RunAsync("deploy", "shop"));
        Assert.Equal($"shop: {outcome}: as it is\n", bench.Output);
    }

    [Theory]
    [InlineData(new[] { 0, 0 }, 0)]
    [InlineData(new[] { 0, 2 }, 2)]
    [InlineData(new[] { 2, 5 }, 5)]
    [InlineData(new[] { 5, 3, 0 }, 3)]
    [InlineData(new[] { 5, 4 }, 4)]
    [InlineData(new[] { 4, 1 }, 1)]
    [InlineData(new[] { 3, 6 }, 6)]
    public void Of_several_the_one_a_person_must_know_first_counts(int[] codes, int expected) => Assert.Equal(expected, ExitCodes.Worst(codes));

    [Fact]
    public async Task A_plan_with_changes_exits_2_and_one_without_exits_0()
    {
        using var bench = new Bench();
        Assert.Equal(2, await bench.RunAsync("plan"));

        bench.Agent.Plan = stack => Some.Plan with { HasChanges = false, Changes = [] };
        Assert.Equal(0, await bench.RunAsync("plan"));
    }

    [Fact]
    public async Task A_request_that_is_refused_exits_1_with_its_sentence()
    {
        using var bench = new Bench();
        bench.Agent.Outcome = _ => throw new RequestException("release #12 never passed");

        Assert.Equal(1, await bench.RunAsync("rollback", "--to", "12"));
        Assert.EndsWith("error: release #12 never passed\n", bench.Error);
        Assert.Equal("", bench.Output);
    }

    [Fact]
    public async Task A_locked_state_exits_4_and_names_the_holder()
    {
        using var bench = new Bench { LocalFails = new AgentBusyException("the state is locked by deploy (pid 812)") };

        Assert.Equal(4, await bench.RunAsync("deploy"));
        Assert.Contains("locked by deploy (pid 812)", bench.Error);
    }

    [Fact]
    public async Task An_unexpected_failure_exits_5_with_its_message_and_no_stack_trace()
    {
        using var bench = new Bench();
        bench.Agent.Outcome = _ => throw new IOException("No space left on device");

        Assert.Equal(5, await bench.RunAsync("deploy"));
        Assert.EndsWith("error: No space left on device\n", bench.Error);
    }

    [Fact]
    public async Task An_interrupted_command_exits_5_and_tells_how_to_look()
    {
        using var bench = new Bench();
        using var interruption = new CancellationTokenSource();
        bench.Agent.Gate = new TaskCompletionSource().Task;
        var running = bench.RunUntilAsync(interruption.Token, "deploy");
        await bench.Agent.WorkBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await interruption.CancelAsync();

        Assert.Equal(5, await running);
        Assert.Contains("eclusier status", bench.Error);
    }

    [Theory]
    [InlineData("deploi")]
    [InlineData("deploy", "--frce")]
    [InlineData("deploy", "shop", "blog")]
    [InlineData("suspend", "shop")]
    [InlineData("suspend", "shop", "--reason", " ")]
    [InlineData("status", "--output", "yaml")]
    [InlineData("history", "--limit", "0")]
    [InlineData("history", "--limit", "many")]
    [InlineData("logs", "--lines", "-1")]
    [InlineData("rollback", "--to", "yesterday")]
    [InlineData("show", "forty")]
    [InlineData("show")]
    [InlineData("config")]
    [InlineData]
    public async Task Usage_errors_exit_1_speak_on_the_error_stream_and_do_nothing(params string[] arguments)
    {
        using var bench = new Bench();

        Assert.Equal(1, await bench.RunAsync(arguments));
        Assert.StartsWith("error: ", bench.Error);
        Assert.Equal("", bench.Output);
        Assert.Empty(bench.Agent.Calls);
    }

    [Fact]
    public async Task A_slip_of_the_finger_is_guessed()
    {
        using var bench = new Bench();
        await bench.RunAsync("statsu");

        Assert.Equal("""
            error: there is no command 'statsu'
            did you mean 'status'?
            'eclusier --help' shows what is possible

            """, bench.Error);
    }

    [Fact]
    public async Task A_mistyped_option_is_no_stack()
    {
        using var bench = new Bench();
        await bench.RunAsync("deploy", "--frce");

        Assert.Equal("""
            error: there is no option '--frce'
            did you mean '--force'?
            'eclusier deploy --help' shows what is possible

            """, bench.Error);
    }

    [Theory]
    [InlineData("version", "1.2.3\n  commit 4bcf0105a0c3e8f1d2b3a49586776859403a2b1c\n  of 2026-10-03 12:00:00 UTC\n")]
    [InlineData("--version", "1.2.3\n  commit 4bcf0105a0c3e8f1d2b3a49586776859403a2b1c\n  of 2026-10-03 12:00:00 UTC\n")]
    [InlineData("--version --output json", "{\"version\":\"1.2.3\",\"commit\":\"4bcf0105a0c3e8f1d2b3a49586776859403a2b1c\",\"date\":\"2026-10-03T12:00:00+00:00\"}\n")]
    [InlineData("config schema", "{\"$schema\":\"x\"}\n")]
    public async Task Some_need_no_configuration(string line, string output)
    {
        using var bench = new Bench { Problems = { "there is none" } };

        Assert.Equal(0, await bench.RunAsync(line.Split(' ')));
        Assert.Equal(output, bench.Output);
    }

    [Fact]
    public async Task Help_names_the_program_and_its_commands()
    {
        using var bench = new Bench();

        Assert.Equal(0, await bench.RunAsync("--help"));
        Assert.Contains("eclusier [command] [options]", bench.Output);
        foreach (var command in new[] { "monitor", "deploy", "plan", "status", "history", "show", "rollback", "suspend", "resume", "retry", "logs", "stats", "config" })
        {
            Assert.Contains($"\n  {command} ", bench.Output);
        }
    }
}
