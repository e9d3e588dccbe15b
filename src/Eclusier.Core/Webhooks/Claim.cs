namespace Eclusier.Core.Webhooks;

/// <summary>What a webhook says has happened. It decides at most which stacks are looked at, never what is deployed.</summary>
public sealed record Claim(ClaimKind Kind)
{
    /// <summary>Addresses or paths of the repository: <c>https://github.com/ada/shop.git</c>, <c>ada/shop</c>; empty: it was not said.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>What was pushed: <c>refs/heads/main</c>; empty: it was not said.</summary>
    public IReadOnlyList<string> Refs { get; init; } = [];

    /// <summary>Names of images, with or without their registry and tag: <c>ghcr.io/ada/shop:latest</c>, <c>ada/shop</c>; empty: it was not said.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];
}

/// <summary>What kind of thing a webhook tells.</summary>
public enum ClaimKind
{
    /// <summary>It does not say so in a form that is known.</summary>
    Unknown,

    /// <summary>Something was pushed to a repository.</summary>
    Push,

    /// <summary>An image was pushed to a registry.</summary>
    Image,

    /// <summary>Something that cannot concern a stack: a test of the connection, an issue.</summary>
    Other,
}
