namespace Eclusier.Core.Health;

/// <summary>What of a Compose project exists on the host now.</summary>
public sealed record LiveStack(IReadOnlyList<LiveContainer> Containers)
{
    public IEnumerable<LiveContainer> Of(string service) => Containers.Where(container => container.Service == service && !container.IsOneOff);

    public bool IsEmpty => Containers.Count == 0;
}

/// <summary>A container of a Compose project, as the engine tells it.</summary>
public sealed record LiveContainer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The label <c>com.docker.compose.service</c>.</summary>
    public required string Service { get; init; }

    /// <summary>Made by <c>docker compose run</c>: not part of the service.</summary>
    public bool IsOneOff { get; init; }

    /// <summary>As the engine says: <c>created running paused restarting removing exited dead</c>.</summary>
    public required string State { get; init; }

    public long ExitCode { get; init; }

    public bool WasKilledForMemory { get; init; }

    /// <summary>The engine's own error text, when it could not start it.</summary>
    public string Error { get; init; } = "";

    public long RestartCount { get; init; }

    /// <summary><c>no</c>, <c>always</c>, <c>unless-stopped</c> or <c>on-failure</c>.</summary>
    public string RestartPolicy { get; init; } = "no";

    /// <summary><c>starting</c>, <c>healthy</c>, <c>unhealthy</c>, or empty when it has no healthcheck.</summary>
    public string Health { get; init; } = "";

    /// <summary>What the last healthcheck printed.</summary>
    public string HealthOutput { get; init; } = "";

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>The image as the container was created with.</summary>
    public string Image { get; init; } = "";

    /// <summary>The label <c>com.docker.compose.config-hash</c>.</summary>
    public string ConfigHash { get; init; } = "";

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Host ports it publishes while running.</summary>
    public IReadOnlyList<HostPort> Ports { get; init; } = [];

    /// <summary>Ids of the networks it is to be connected to.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    public bool IsRunning => State == "running";

    /// <summary>A job that did its work: ended with 0 and is not meant to be started again.</summary>
    public bool HasFinishedWell => State == "exited" && ExitCode == 0 && RestartPolicy is "" or "no" or "on-failure" && !WasKilledForMemory;
}

/// <summary>A network of a Compose project.</summary>
public sealed record LiveNetwork(string Id, string Name);

/// <summary>A port on the host.</summary>
/// <param name="Address">An IP address; <c>0.0.0.0</c> or <c>::</c> for all.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record HostPort(string Address, int Port, string Protocol)
{
    public override string ToString() => $"{Address}:{Port}/{Protocol}";
}
