using System.Diagnostics;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Tests.Processes;

public sealed class ProcessRunnerSpecs
{
    private readonly ProcessRunner runner = new(TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_error_and_exit_code_come_back_as_they_are()
    {
        var result = await runner.RunAsync(Shell("printf 'one\\r\\ntwo\\0three'; printf 'oops\\nbad\\n' >&2; exit 3"), Cancellation);

        Assert.Equal(3, result.ExitCode);
        Assert.False(result.Succeeded);
        Assert.Equal("one\r\ntwo\0three", result.StandardOutput);
        Assert.Equal("bad", result.LastErrorLine);
    }

    [Fact]
    public async Task Arguments_arrive_unchanged_whatever_is_in_them()
    {
        string[] awkward = ["a b", "", "$HOME `id` \"q\" 'q'", "*", "--", "é\n"];

        var result = await runner.RunAsync(new ProcessSpec("printf", ["%s|", .. awkward]), Cancellation);

        Assert.Equal(string.Join('|', awkward) + "|", result.StandardOutput);
    }

    [Fact]
    public async Task The_agents_own_variables_stay_with_the_agent()
    {
        Environment.SetEnvironmentVariable("ECLUSIER_SPEC_SECRET", "agent's own");
        var spec = new ProcessSpec("env") { Environment = new Dictionary<string, string?> { ["GIVEN"] = "1", ["EMPTY"] = "", ["HOME"] = null }, Inherited = ["PATH", "HOME"] };

        var variables = (await runner.RunAsync(spec, Cancellation)).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order();

        Assert.Equal([$"EMPTY=", "GIVEN=1", $"PATH={Environment.GetEnvironmentVariable("PATH")}"], variables);
    }

    [Fact]
    public async Task Standard_input_is_what_was_given_and_else_empty()
    {
        Assert.Equal("hello", (await runner.RunAsync(new ProcessSpec("cat") { StandardInput = "hello" }, Cancellation)).StandardOutput);
        Assert.Equal("", (await runner.RunAsync(new ProcessSpec("cat"), Cancellation)).StandardOutput);
    }

    [Fact]
    public async Task The_time_limit_ends_the_whole_group()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}.5";
        var clock = Stopwatch.StartNew();

        var failure = await Assert.ThrowsAsync<FailureException>(() =>
            runner.RunAsync(Shell($"echo waiting >&2; sleep {mark} & sleep {mark}; true") with { TimeLimit = TimeSpan.FromMilliseconds(300) }, Cancellation));

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("within 0.3 s", failure.Message);
        Assert.Contains("waiting", failure.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"took {clock.Elapsed}");
        Assert.DoesNotContain(mark, CommandLines());
    }

    [Fact]
    public async Task A_program_that_ignores_the_polite_signal_is_killed()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}.25";

        await Assert.ThrowsAsync<FailureException>(() =>
            runner.RunAsync(Shell($"trap '' TERM; sleep {mark}; sleep {mark}") with { TimeLimit = TimeSpan.FromMilliseconds(300) }, Cancellation));

        Assert.DoesNotContain(mark, CommandLines());
    }

    [Fact]
    public async Task Cancellation_ends_the_program_and_is_no_failure()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}.75";
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(new ProcessSpec("sleep", mark), cancellation.Token));

        Assert.DoesNotContain(mark, CommandLines());
    }

    [Fact]
    public async Task A_missing_program_is_rejected_by_name()
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => runner.RunAsync(new ProcessSpec("no-such-program-here"), Cancellation));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("'no-such-program-here' is not installed", failure.Message);
    }

    [Fact]
    public async Task A_program_that_itself_ends_with_127_is_no_missing_program()
    {
        Assert.Equal(127, (await runner.RunAsync(Shell("exit 127"), Cancellation)).ExitCode);
    }

    [Fact]
    public async Task Too_much_output_keeps_its_end()
    {
        var result = await runner.RunAsync(Shell("seq 1 100000") with { MaxOutputBytes = 1000 }, Cancellation);

        Assert.Equal(1000, result.StandardOutput.Length);
        Assert.EndsWith("99999\n100000\n", result.StandardOutput);
    }

    [Fact]
    public async Task Lines_of_standard_error_are_told_as_they_come()
    {
        var lines = new List<string>();

        await runner.RunAsync(Shell("echo one >&2; echo two >&2") with { OnErrorLine = lines.Add }, Cancellation);

        Assert.Equal(["one", "two"], lines);
    }

    private static ProcessSpec Shell(string script) => new("sh", "-c", script);

    private static string CommandLines()
    {
        var lines = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                lines.Add(File.ReadAllText($"{process}/cmdline").Replace('\0', ' '));
            }
            catch (IOException)
            {
                continue; // ended meanwhile
            }
        }

        return string.Join('\n', lines);
    }
}
