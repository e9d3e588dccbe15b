using System.Globalization;
using Eclusier.Core.Deployments;
using Eclusier.Core.Engine;
using Eclusier.Core.Images;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Preparing;

/// <summary>Compares what a release's images need with what is free, before anything is pulled: a full disk would trouble what runs.</summary>
internal sealed class DiskSpace(IRegistry registry, IEngine engine)
{
    /// <summary>A layer is on the disk twice for a moment, as it came and unpacked; unpacked it is larger, so this is the least.</summary>
    private const int Copies = 2;

    /// <summary>With so many bytes free nobody asks how large an image is: each question costs a request, and registries count them.</summary>
    public const long Plenty = 64L << 30;

    /// <param name="images">What the release wants, here or not.</param>
    /// <param name="before">The release that runs: what both have is here.</param>
    /// <exception cref="FailureException">Transient: there is not enough space. Otherwise what registry and engine throw.</exception>
    public async Task RequireAsync(Stack stack, IEnumerable<(string Reference, string? Platform)> images, Release? before, CancellationToken cancellationToken)
    {
        if (await engine.ReadFreeSpaceAsync(cancellationToken) is not { } free || free >= Plenty)
        {
            return;
        }

        var missing = new Dictionary<string, long>();
        var present = before?.Services.Select(service => service.ImageId).ToHashSet() ?? [];
        foreach (var (reference, platform) in images)
        {
            if (await engine.FindImageAsync(reference, cancellationToken) is { } id)
            {
                present.Add(id);
            }
            else if (ImageReference.TryParse(reference, out var image) && image.Digest is not null)
            {
                foreach (var layer in await registry.ReadLayersAsync(image, platform, stack.AccessTo(image), cancellationToken))
                {
                    missing[layer.Id] = layer.Size;
                }
            }
        }

        foreach (var id in present)
        {
            foreach (var layer in await engine.ReadLayersAsync(id, cancellationToken))
            {
                missing.Remove(layer);
            }
        }

        var needed = missing.Values.Sum() * Copies;
        if (needed > free)
        {
            throw FailureException.Transient($"the disk on which the Docker Engine keeps its images has not enough space for this release: {Megabytes(needed)} are needed at least, {Megabytes(free)} are free; nothing was touched");
        }
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB");
}
