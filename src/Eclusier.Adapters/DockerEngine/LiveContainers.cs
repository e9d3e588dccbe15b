using System.Globalization;
using Eclusier.Core.Engine;
using Eclusier.Core.Health;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>The engine's words about containers, in ours.</summary>
internal static class LiveContainers
{
    public const string ProjectLabel = "com.docker.compose.project";

    public const string ServiceLabel = "com.docker.compose.service";

    private const int LongestHealthOutput = 4096;

    public static LiveContainer From(InspectedContainer container)
    {
        var labels = container.Config?.Labels ?? new Dictionary<string, string>();
        var state = container.State?.Status?.ToLowerInvariant() ?? "";
        return new LiveContainer
        {
            Id = container.Id,
            Name = container.Name.TrimStart('/'),
            Service = labels.GetValueOrDefault(ServiceLabel, ""),
            IsOneOff = labels.GetValueOrDefault("com.docker.compose.oneoff", "").Equals("true", StringComparison.OrdinalIgnoreCase),
            State = state,
            ExitCode = container.State?.ExitCode ?? 0,
            WasKilledForMemory = container.State?.WasKilledForMemory ?? false,
            Error = container.State?.Error ?? "",
            RestartCount = container.RestartCount,
            RestartPolicy = container.HostConfig?.RestartPolicy?.Name is { Length: > 0 } policy ? policy : "no",
            Health = container.State?.Health?.Status is { } health and not "none" ? health : "",
            HealthOutput = LastOf(container.State?.Health),
            StartedAt = MomentOf(container.State?.StartedAt),
            ImageId = container.Image,
            Image = container.Config?.Image ?? "",
            ConfigHash = labels.GetValueOrDefault("com.docker.compose.config-hash", ""),
            Labels = labels,
            Networks = [.. (container.NetworkSettings?.Networks?.Values ?? []).Select(network => network?.Id).OfType<string>().Where(id => id.Length > 0)],
            Ports = state == "running" ? PortsOf(container.NetworkSettings) : [],
        };
    }

    public static IEnumerable<PortHolder> PortsOf(ListedContainer container) =>
        (container.Ports ?? []).OfType<ListedPort>()
            .Where(port => port.PublicPort is > 0)
            .Select(port => new PortHolder(
                new HostPort(string.IsNullOrEmpty(port.Ip) ? "0.0.0.0" : port.Ip, port.PublicPort!.Value, port.Type ?? "tcp"),
                container.Name));

    private static List<HostPort> PortsOf(InspectedNetwork? network)
    {
        var ports = new List<HostPort>();
        foreach (var (inside, bindings) in network?.Ports ?? new Dictionary<string, IReadOnlyList<BoundPort>?>())
        {
            var protocol = inside.Contains('/') ? inside[(inside.IndexOf('/') + 1)..] : "tcp";
            ports.AddRange((bindings ?? []).OfType<BoundPort>()
                .Where(binding => int.TryParse(binding.HostPort, out var port) && port > 0)
                .Select(binding => new HostPort(string.IsNullOrEmpty(binding.HostIp) ? "0.0.0.0" : binding.HostIp, int.Parse(binding.HostPort!), protocol)));
        }

        return ports;
    }

    private static string LastOf(InspectedHealth? health)
    {
        var output = (health?.Log is [.., { } last] ? last.Output?.Trim() : null) ?? "";
        return output.Length > LongestHealthOutput ? output[^LongestHealthOutput..] : output;
    }

    // the engine says "0001-01-01T00:00:00Z" for never
    private static DateTimeOffset? MomentOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.Year > 1 ? moment : null;
}
