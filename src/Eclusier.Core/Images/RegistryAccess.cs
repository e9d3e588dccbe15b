using Eclusier.Core.Stacks;

namespace Eclusier.Core.Images;

/// <summary>How a stack reaches a registry, where that is not left to Docker's own configuration.</summary>
/// <param name="Registry">Host and port, as in an image's name; <c>docker.io</c> for the hub.</param>
public sealed record RegistryAccess(string Registry)
{
    public string Username { get; init; } = "";

    public SecretSource? Password { get; init; }

    /// <summary>Exchanged at the registry's token service; instead of a password.</summary>
    public SecretSource? IdentityToken { get; init; }

    /// <summary>Authorities to trust, in PEM; <c>null</c>: those of this host and of Docker's folder.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Otherwise Docker's own login counts.</summary>
    public bool HasLogin => Password is not null || IdentityToken is not null;
}
