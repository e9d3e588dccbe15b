using Eclusier.Adapters.Processes;

namespace Eclusier.Service;

/// <summary>A service manager: the host's, or a user's own.</summary>
internal sealed class Systemctl(IProcessRunner processes, bool isOfUser)
{
    /// <summary>A start lasts until the daemon is ready, a stop until it has finished what must not be cut short.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Whether systemd is what runs this host.</summary>
    public static bool IsThere => Directory.Exists("/run/systemd/system");

    private string[] Manager => isOfUser ? ["--user"] : [];

    public async Task<ProcessResult> TryAsync(params IReadOnlyList<string> words) =>
        await processes.RunAsync(Spec("systemctl", [.. Manager, "--no-ask-password", .. words]), CancellationToken.None); // what is begun here is not left half done

    /// <exception cref="HostProgramException">It says no.</exception>
    public async Task RunAsync(params IReadOnlyList<string> words)
    {
        var result = await TryAsync(words);
        if (!result.Succeeded)
        {
            throw new HostProgramException($"`systemctl {string.Join(' ', Manager.Concat(words))}` ended with {result.ExitCode}: {result.StandardError.Trim()}");
        }
    }

    /// <returns>The unit's properties; empty ones are left out.</returns>
    public async Task<IReadOnlyDictionary<string, string>> ShowAsync(string unit, params IReadOnlyList<string> properties)
    {
        var shown = await TryAsync("show", "--timestamp=unix", $"--property={string.Join(',', properties)}", unit);
        return !shown.Succeeded ? throw new HostProgramException($"systemd does not answer: {shown.LastErrorLine}")
            : shown.StandardOutput.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair is [_, { Length: > 0 }]).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>The unit's last lines in the journal.</summary>
    public async Task<string> LastLinesAsync(string unit, int lines) =>
        (await processes.RunAsync(Spec("journalctl", [.. Manager, "--unit", unit, "--lines", $"{lines}", "--no-pager", "--output", "cat"]), CancellationToken.None)).StandardOutput.Trim();

    /// <summary>Runs a program once, exactly as a unit with these settings would.</summary>
    public Task<ProcessResult> RunAsUnitAsync(IReadOnlyList<string> settings, IReadOnlyList<string> command, CancellationToken cancellationToken) => processes.RunAsync(
        Spec("systemd-run", [.. Manager, "--quiet", "--pipe", "--wait", "--collect", .. settings.SelectMany(setting => new[] { "--property", setting }), "--", .. command]), cancellationToken);

    private static ProcessSpec Spec(string program, IReadOnlyList<string> arguments)
    {
        var spec = new ProcessSpec(program, arguments) { TimeLimit = Longest };
        return spec with { Inherited = [.. spec.Inherited, "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] };
    }
}
