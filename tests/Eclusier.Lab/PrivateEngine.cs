namespace Eclusier.Lab;

/// <summary>A Docker Engine of the test's own: what is pruned there is nobody else's.</summary>
/// <remarks>
/// Own data, own containerd, own socket, own bridge (told to have none, it would remove the machine's); it leaves the machine's packet filter
/// alone, which belongs to the machine's engine, so that ports are published by its own proxy only. Needs root.
/// </remarks>
public sealed class PrivateEngine : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(45);

    private readonly LabFolder folder = new();
    private readonly string bridge;
    private readonly string? data;
    private readonly LabProcess daemon;

    private PrivateEngine(string bridge, string? data) => (this.bridge, this.data, daemon) = (bridge, data, LabProcess.Start("dockerd",
    [
        "--data-root", data ?? At("data"), "--exec-root", At("exec"), "--pidfile", At("pid"), "--host", Endpoint,
        "--bridge", bridge, "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false",
        "--default-address-pool", "base=10.211.0.0/16,size=24",
    ]));

    /// <summary>As in <c>DOCKER_HOST</c>.</summary>
    public string Endpoint => $"unix://{At("engine.sock")}";

    /// <param name="data">Where it keeps its images; <c>null</c>: in a folder of its own.</param>
    public static async Task<PrivateEngine> StartAsync(string? data = null)
    {
        var bridge = $"eclusier{Guid.NewGuid().ToString("N")[..6]}"; // 15 characters at most
        await Tool.RunAsync("ip", "link", "add", "name", bridge, "type", "bridge");
        await Tool.RunAsync("ip", "address", "add", "10.212.0.1/24", "dev", bridge);
        var engine = new PrivateEngine(bridge, data);
        try
        {
            await Wait.UntilAsync("the private engine answers", StartTime, async () =>
                engine.daemon.HasExited || (await LabProcess.RunAsync("docker", ["--host", engine.Endpoint, "version", "--format", "{{.Server.Version}}"])).ExitCode == 0);
            return !engine.daemon.HasExited ? engine : throw new InvalidOperationException($"dockerd ended:\n{string.Join('\n', engine.daemon.Lines.TakeLast(20))}");
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <c>docker</c> with this engine.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments) => (await LabProcess.RunAsync("docker", ["--host", Endpoint, .. arguments])).Succeeded();

    public async ValueTask DisposeAsync()
    {
        if (!daemon.HasExited)
        {
            var containers = await LinesAsync("ps", "--all", "--quiet");
            if (containers.Length > 0)
            {
                await RunAsync(["rm", "--force", "--volumes", .. containers]);
            }

            await RunAsync("network", "prune", "--force"); // their bridges would stay
            await daemon.StopAsync(TimeSpan.FromSeconds(30));
        }

        await daemon.DisposeAsync();
        await Tool.RunAsync("ip", "link", "delete", bridge);
        foreach (var mount in File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(mount => mount.StartsWith(folder.Path + "/", StringComparison.Ordinal) || (data is not null && mount.StartsWith(data + "/", StringComparison.Ordinal))).OrderDescending(StringComparer.Ordinal))
        {
            await Tool.RunAsync("umount", "--lazy", mount);
        }

        folder.Dispose();
    }

    private string At(string name) => Path.Combine(folder.Path, name);

    private async Task<string[]> LinesAsync(params string[] arguments) => (await RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
