using Eclusier.Core.Deployments;

namespace Eclusier.Core.Images;

/// <summary>Asks image registries, with a stack's own access or the credentials that Docker itself would use.</summary>
public interface IRegistry
{
    /// <summary>The digest that the tag points to now (<c>sha256:…</c>; of the index, for a multi-platform image), by one HEAD request.</summary>
    /// <param name="access"><c>null</c>: as Docker itself would.</param>
    /// <exception cref="FailureException">
    /// Waiting: the registry does not have the tag or repository. Rejected: credentials missing or refused.
    /// Transient: unreachable, slow, 429 (with <see cref="Failure.RetryAfter"/> where told) or 5xx.
    /// </exception>
    Task<string> ResolveDigestAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken);

    /// <summary>The labels of an image, from its configuration in the registry: nothing is pulled.</summary>
    /// <param name="image">By digest.</param>
    /// <param name="platform">As in a Compose file, for example <c>linux/arm64</c>; <c>null</c>: this host's.</param>
    /// <exception cref="FailureException">As <see cref="ResolveDigestAsync"/>.</exception>
    Task<IReadOnlyDictionary<string, string>> ReadLabelsAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken);

    /// <summary>The layers of an image as the registry has them: nothing is pulled.</summary>
    /// <inheritdoc cref="ReadLabelsAsync"/>
    Task<IReadOnlyList<ImageLayer>> ReadLayersAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken);
}
