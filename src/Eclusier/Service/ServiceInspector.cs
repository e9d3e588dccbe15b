using System.Globalization;
using Eclusier.Adapters.Processes;

namespace Eclusier.Service;

/// <summary>Says how the service is.</summary>
internal sealed class ServiceInspector(IProcessRunner processes, ServiceFiles files)
{
    /// <param name="expected">The unit that an install would write; <c>null</c>: that cannot be told, for this reason.</param>
    public async Task<UnitStatusReport> ReadAsync((ServiceUnit? Unit, string? WhyNot) expected)
    {
        if (!Systemctl.IsThere)
        {
            throw new ServiceException("systemd does not run this host: there is no service to tell of");
        }

        if (files.InForce is not { } unit)
        {
            return new UnitStatusReport();
        }

        var shown = await new Systemctl(processes, files.AreOfUser).ShowAsync(
            ServiceUnit.FileName, "ActiveState", "SubState", "ActiveEnterTimestamp", "InactiveEnterTimestamp", "UnitFileState", "StatusText", "MainPID", "NRestarts", "Result", "ExecMainCode", "ExecMainStatus", "WatchdogUSec", "WatchdogTimestamp", "DropInPaths");
        var isActive = shown.GetValueOrDefault("ActiveState") is "active" or "reloading";
        return new UnitStatusReport
        {
            Unit = unit,
            State = shown.GetValueOrDefault("ActiveState", "unknown"),
            Since = At(shown.GetValueOrDefault(isActive ? "ActiveEnterTimestamp" : "InactiveEnterTimestamp")),
            Enabled = shown.GetValueOrDefault("UnitFileState") == "enabled",
            Doing = shown.GetValueOrDefault("StatusText"),
            Pid = shown.GetValueOrDefault("MainPID") is { } pid && pid != "0" ? int.Parse(pid, CultureInfo.InvariantCulture) : null,
            Restarts = int.TryParse(shown.GetValueOrDefault("NRestarts"), CultureInfo.InvariantCulture, out var restarts) ? restarts : 0,
            LastExit = isActive ? null : $"{shown.GetValueOrDefault("Result", "unknown")}{(shown.GetValueOrDefault("ExecMainStatus") is { } status and not "0" ? $" ({status})" : "")}",
            Watchdog = shown.GetValueOrDefault("WatchdogUSec"),
            AliveAt = At(shown.GetValueOrDefault("WatchdogTimestamp")),
            Outdated = expected.Unit is null ? expected.WhyNot : files.IsDoneByPackage(expected.Unit) ? null : WhyOutdated(File.ReadAllText(unit), expected.Unit.ToText()),
            DropIns = shown.GetValueOrDefault("DropInPaths") is { } paths ? paths.Split(' ') : [],
        };
    }

    private static string? WhyOutdated(string text, string expected)
    {
        var (have, want) = (text.Split('\n'), expected.Split('\n'));
        var differs = want.Except(have).Concat(have.Except(want).Select(line => $"not {line}")).ToList();
        return differs.Count == 0 && text == expected ? null : $"`eclusier service install` would write it anew: {string.Join("; ", differs.Take(3))}{(differs.Count > 3 ? "; …" : "")}";
    }

    /// <param name="text"><c>@1764441833</c>: what <c>--timestamp=unix</c> makes of it.</param>
    private static DateTimeOffset? At(string? text) =>
        text is ['@', .. var seconds] && long.TryParse(seconds, CultureInfo.InvariantCulture, out var unix) ? DateTimeOffset.FromUnixTimeSeconds(unix) : null;
}
