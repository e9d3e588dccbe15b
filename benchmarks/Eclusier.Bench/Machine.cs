using System.Runtime.InteropServices;
using Eclusier.Lab;

namespace Eclusier.Bench;

/// <summary>Where the numbers come from.</summary>
internal sealed record Machine(string Processor, string Memory, string System, string Engine, string Compose, string Git, string Program)
{
    public static async Task<Machine> ReadAsync(string program)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var memory = double.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024 / 1024;
        return new Machine(
            $"{Environment.ProcessorCount} cores ({processor})",
            $"{memory:0} GiB",
            $"{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim().Split('-')[0]}",
            await Tool.DockerAsync("version", "--format", "{{.Server.Version}}"),
            await Tool.DockerAsync("compose", "version", "--short"),
            (await Tool.RunAsync("git", "--version")).Replace("git version ", "", StringComparison.Ordinal),
            (await Tool.RunAsync(program, "--version")).Split('\n')[0]);
    }

    /// <summary>The load of the last minute, of the last five, of the last fifteen.</summary>
    public static string ReadLoad() => string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ').Take(3));
}
