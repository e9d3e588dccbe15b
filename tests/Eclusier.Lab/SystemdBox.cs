using System.Globalization;

namespace Eclusier.Lab;

/// <summary>This machine's own system under a systemd of its own (systemd-nspawn), with the machine's network and Docker Engine. Whatever is written in there goes with it.</summary>
/// <remarks>Needs root. The machine itself need not run systemd.</remarks>
public sealed class SystemdBox : IAsyncDisposable
{
    /// <summary>Where the program under test is in there.</summary>
    public const string Program = "/opt/eclusier/eclusier";

    private static readonly TimeSpan BootTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PowerOffTime = TimeSpan.FromSeconds(20);

    private readonly string root = Directory.CreateTempSubdirectory("eclusier-box-").FullName;
    private bool isMounted;
    private LabProcess? container;
    private string leader = "";

    private SystemdBox()
    {
    }

    /// <param name="program">The program under test; its folder is <c>/opt/eclusier</c> in there.</param>
    /// <param name="shared">Folders that are the same inside and outside.</param>
    public static async Task<SystemdBox> BootAsync(string program, params IReadOnlyList<string> shared)
    {
        var box = new SystemdBox();
        try
        {
            await box.StartAsync(program, shared);
            return box;
        }
        catch
        {
            await box.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command in there.</summary>
    public Task<CommandOutcome> RunAsync(params string[] command) => LabProcess.RunAsync(
        "nsenter", ["--target", leader, "--mount", "--pid", "--net", "--uts", "--ipc", "--", .. command],
        new Dictionary<string, string> { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ["HOME"] = "/root" }, within: TimeSpan.FromMinutes(3));

    /// <summary>Runs <c>eclusier</c> in there.</summary>
    public Task<CommandOutcome> EclusierAsync(params string[] words) => RunAsync([Program, .. words]);

    /// <summary>Writes a file in there.</summary>
    public Task WriteAsync(string path, string text) => File.WriteAllTextAsync(InHere(path), text);

    /// <summary>A path in there, as it can be used out here.</summary>
    public string InHere(string path)
    {
        var outside = $"/proc/{leader}/root{path}";
        Directory.CreateDirectory(Path.GetDirectoryName(outside)!);
        return outside;
    }

    /// <summary>A property of the service, as systemd has it.</summary>
    public async Task<string> PropertyAsync(string property) => (await RunAsync("systemctl", "show", "eclusier.service", $"--property={property}", "--value")).Succeeded();

    /// <summary>The daemon's process id in there.</summary>
    public async Task<int> DaemonAsync() => int.Parse(await PropertyAsync("MainPID"), CultureInfo.InvariantCulture);

    /// <summary>What the service said, as it is in the journal: a JSON object a line.</summary>
    public async Task<IReadOnlyList<string>> JournalAsync() =>
        (await RunAsync("journalctl", "--unit", "eclusier.service", "--output", "json", "--no-pager")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync()
    {
        if (container is { HasExited: false })
        {
            if (leader.Length > 0)
            {
                await RunAsync("systemctl", "poweroff", "--force");
            }

            try
            {
                await container.WaitForExitAsync(leader.Length > 0 ? PowerOffTime : TimeSpan.Zero);
            }
            catch (TimeoutException)
            {
                await container.KillAsync();
            }
        }

        if (container is not null)
        {
            await container.DisposeAsync();
        }

        if (isMounted)
        {
            await Tool.RunAsync("umount", "--lazy", root);
        }

        Directory.Delete(root); // never with what is in it: that may be the machine's own system
    }

    private async Task StartAsync(string program, IReadOnlyList<string> shared)
    {
        await Tool.RunAsync("mount", "--bind", "/", root); // the root folder itself is refused
        isMounted = true;
        container = LabProcess.Start("systemd-nspawn",
        [
            "--directory", root, "--volatile=overlay", $"--machine=eclusier-{Guid.NewGuid().ToString("N")[..8]}", "--register=no", "--keep-unit", "--boot", "--console=pipe",
            $"--bind-ro={Path.GetDirectoryName(program)}:{Path.GetDirectoryName(Program)}", "--bind=/var/run/docker.sock:/run/docker.sock",
            .. shared.Select(path => $"--bind={path}"), "systemd.unit=basic.target",
        ]);
        await Wait.ForAsync("the box has booted", BootTime, LookAsync, state => state is "running" or "degraded");
    }

    private async Task<string> LookAsync()
    {
        if (container!.HasExited)
        {
            throw new InvalidOperationException($"the box ended: {string.Join('\n', container.Lines)}");
        }

        leader = (await File.ReadAllTextAsync($"/proc/{container.Id}/task/{container.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return leader.Length == 0 ? "no systemd yet" : (await RunAsync("systemctl", "is-system-running")).Output.Trim();
    }
}
