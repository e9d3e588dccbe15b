using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace Eclusier.Lab;

/// <summary>Runs the real programs that tests prepare their ground with.</summary>
public static class Tool
{
    /// <returns>What it printed, without white space around it.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var result = await Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8, deadline.Token);
        return result.ExitCode == 0
            ? result.StandardOutput.Trim()
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.StandardError.Trim()}");
    }

    public static Task<string> DockerAsync(params IReadOnlyList<string> arguments) => RunAsync("docker", arguments);
}
