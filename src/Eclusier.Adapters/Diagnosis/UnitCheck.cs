using Eclusier.Adapters.Processes;
using Eclusier.Core.Diagnosis;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The systemd unit: installed, running, and as the user who looks.</summary>
/// <param name="systemd">The folder that is there where systemd runs.</param>
public sealed class UnitCheck(IProcessRunner processes, string systemd = "/run/systemd/system") : Check("unit")
{
    public const string Unit = "eclusier.service";

    public override string Remedy => $"`systemctl status {Unit}` and `journalctl -u {Unit}`";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(systemd))
        {
            return [Ok("systemd does not run here: whatever starts programs on this host has to start `eclusier monitor`")];
        }

        var asked = await processes.RunAsync(
            new ProcessSpec("systemctl", "show", Unit, "--property=LoadState", "--property=ActiveState", "--property=SubState", "--property=UnitFileState", "--property=User") { TimeLimit = TimeSpan.FromSeconds(10) },
            cancellationToken);
        if (!asked.Succeeded)
        {
            return [Problem($"systemd does not tell about {Unit}: {asked.LastErrorLine}", Remedy)];
        }

        var told = asked.StandardOutput.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        string Of(string property) => told.GetValueOrDefault(property, "");

        return Of("LoadState") != "loaded"
            ? [Warning($"{Unit} is not installed ({Of("LoadState")}): nothing starts the daemon", "`eclusier service install`")]
            : [State(Of("ActiveState"), Of("SubState"), Of("UnitFileState")), .. UserOf(Of("User"))];
    }

    private CheckResult State(string active, string sub, string enabled) => active switch
    {
        "active" when enabled is "disabled" => Warning($"{Unit} runs, but does not start with the host", $"`systemctl enable {Unit}`"),
        "active" or "reloading" or "activating" when sub is not "auto-restart" => Ok($"{Unit} is {active} ({sub})"),
        "inactive" => Warning($"{Unit} is stopped", $"`systemctl start {Unit}`"),
        _ => Problem($"{Unit} is {active} ({sub})", $"`journalctl -u {Unit} -n 50` says why"),
    };

    /// <summary>Docker's logins, ssh's keys and the rights to files are each user's own.</summary>
    private IEnumerable<CheckResult> UserOf(string user)
    {
        var daemon = user.Length == 0 ? "root" : user;
        return daemon == Environment.UserName ? [] : [Warning($"the daemon runs as {daemon}; logins and rights were looked at as {Environment.UserName}", $"`sudo -u {daemon} eclusier doctor`")];
    }
}
