using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Releases;

/// <summary>The immutable result of preparing a revision: rendered model, locked images, environment.</summary>
public sealed record Release
{
    /// <summary>The hash of everything that makes it: the same inputs give the same id. 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its number within the stack; <c>#0</c> is what ran before Eclusier's first deployment.</summary>
    public required int Number { get; init; }

    public required StackName Stack { get; init; }

    /// <summary>The Compose project it was rendered for.</summary>
    public required string Project { get; init; }

    public required string Repository { get; init; }

    /// <summary><c>null</c> only for a release #0 that was taken over from a project outside git.</summary>
    public Revision? Revision { get; init; }

    /// <summary>The id of the release that was last known good when it was prepared.</summary>
    public string? Parent { get; init; }

    /// <summary>The folder that Compose takes as the project's; absolute.</summary>
    public required string ProjectDirectory { get; init; }

    public IReadOnlyList<string> ComposeFiles { get; init; } = [];

    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>Versions of the tools that prepared it: <c>compose 2.26.1</c>.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    public required IReadOnlyList<ReleaseService> Services { get; init; }

    /// <summary>The hash of the rendered model with its locked images and content labels: equal hashes run the same.</summary>
    public required string ModelHash { get; init; }

    public required DateTimeOffset PreparedAt { get; init; }

    public ReleaseService? Service(string name) => Services.FirstOrDefault(service => service.Name == name);

    public override string ToString() => $"#{Number}";
}

/// <summary>A service of a release.</summary>
public sealed record ReleaseService
{
    public required string Name { get; init; }

    /// <summary>The image as written in the Compose file, for example <c>ghcr.io/x/api:latest</c>; for a local build the name Compose gives it.</summary>
    public required string Image { get; init; }

    /// <summary>What the release runs: <c>repository@sha256:…</c>, or <c>sha256:…</c> (the image id) for a local build.</summary>
    public required string Reference { get; init; }

    /// <summary>The image's id on this host.</summary>
    public required string ImageId { get; init; }

    /// <summary>The local tag that keeps the image from being pruned.</summary>
    public required string KeepTag { get; init; }

    /// <summary>Built on this host from the repository.</summary>
    public bool IsBuilt { get; init; }

    /// <summary>Compose's hash of the service's configuration, as its containers carry it in a label; empty when Compose derives it from a running container (<c>network_mode: service:…</c>).</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>How many containers it has.</summary>
    public int Replicas { get; init; } = 1;
}
