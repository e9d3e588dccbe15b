namespace Eclusier.Core.Planning;

/// <summary>How one release differs from another, service by service. Values of variables and labels are never told, only their names.</summary>
/// <param name="Services">Those that differ, by name.</param>
/// <param name="Shared">What differs beside the services: <c>network backend</c>, <c>compose files</c>.</param>
public sealed record ReleaseDifference(IReadOnlyList<ServiceDifference> Services, IReadOnlyList<string> Shared)
{
    public bool IsEmpty => Services.Count == 0 && Shared.Count == 0;
}

/// <summary>What became of one service between two releases.</summary>
public sealed record ServiceDifference(string Service, ServiceFate Fate)
{
    /// <summary>The image before, as written and as locked; <c>null</c>: it is the same, or there was no service.</summary>
    public ImageOfRelease? ImageBefore { get; init; }

    public ImageOfRelease? ImageAfter { get; init; }

    /// <summary>Names of variables that came, went, or have another value.</summary>
    public NamedChanges Environment { get; init; } = NamedChanges.None;

    /// <summary>Mounted files, configs, secrets, networks and volumes with another content or definition.</summary>
    public NamedChanges Contents { get; init; } = NamedChanges.None;

    /// <summary>Other keys of the definition that differ: <c>ports</c>, <c>healthcheck</c>, <c>labels traefik.rule</c>.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}

/// <summary>Whether a service came, went, or changed.</summary>
public enum ServiceFate
{
    Added,
    Removed,
    Changed,
}

/// <summary>An image as the Compose file names it and as the release runs it.</summary>
public sealed record ImageOfRelease(string Written, string Reference);

/// <summary>Names that came, went, or stand for something else now.</summary>
public sealed record NamedChanges(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed)
{
    public static NamedChanges None { get; } = new([], [], []);

    public bool IsEmpty => Added.Count == 0 && Removed.Count == 0 && Changed.Count == 0;
}
