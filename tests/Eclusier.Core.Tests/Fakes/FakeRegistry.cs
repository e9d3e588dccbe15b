using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>An image registry: tags point to digests, digests stay.</summary>
public sealed class FakeRegistry(CallLog calls) : IRegistry
{
    private readonly Dictionary<string, string> tags = []; // by registry/repository:tag
    private readonly Dictionary<string, ImageBehaviour> images = []; // by digest

    /// <summary>What every question throws, while it is set: down, wrong password.</summary>
    public FailureException? Trouble { get; set; }

    public static FailureException Down { get; } = FailureException.Transient("the registry registry.test does not answer: connection refused");

    /// <summary>Every question that was asked, in order.</summary>
    public List<string> Questions { get; } = [];

    /// <summary>Pushes an image under a tag; other content under the same tag moves it.</summary>
    /// <returns>The digest.</returns>
    public string Push(string image, string content, ImageBehaviour? behaviour = null)
    {
        var digest = Some.Digest(content);
        images[digest] = behaviour ?? ImageBehaviour.Fine;
        tags[KeyOf(Parse(image))] = digest;
        return digest;
    }

    public void RemoveTag(string image) => tags.Remove(KeyOf(Parse(image)));

    public void RemoveImage(string digest) => images.Remove(digest);

    /// <summary>The image that the tag points to now, by digest.</summary>
    public ImageReference Pinned(string image) => Parse(Parse(image).Pinned(tags[KeyOf(Parse(image))]));

    public Task<string> ResolveDigestAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken)
    {
        calls.Ask();
        Questions.Add(image.ToString());
        if (Trouble is not null)
        {
            throw Trouble;
        }

        return tags.TryGetValue(KeyOf(image), out var digest) ? Task.FromResult(digest) : throw FailureException.Waiting($"the registry {image.Registry} does not have {image} yet");
    }

    /// <summary>Labels by digest.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, string>> Labels { get; } = [];

    public Task<IReadOnlyDictionary<string, string>> ReadLabelsAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        calls.Ask();
        Questions.Add($"labels of {image}");
        return Trouble is not null ? throw Trouble : Task.FromResult(Labels.GetValueOrDefault(image.Digest!, new Dictionary<string, string>()));
    }

    /// <summary>Layers by digest.</summary>
    public Dictionary<string, IReadOnlyList<ImageLayer>> Layers { get; } = [];

    public Task<IReadOnlyList<ImageLayer>> ReadLayersAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        calls.Ask();
        return Trouble is not null ? throw Trouble : Task.FromResult(Layers.GetValueOrDefault(image.Digest!, []));
    }

    /// <summary>What the engine gets when it pulls.</summary>
    internal ImageBehaviour Pull(ImageReference image) =>
        Trouble is not null ? throw Trouble
        : images.TryGetValue(image.Digest!, out var behaviour) ? behaviour
        : throw FailureException.Waiting($"the registry {image.Registry} does not have {image} yet");

    private static string KeyOf(ImageReference image) => $"{image.Registry}/{image.Repository}:{image.TagOrDefault}";

    private static ImageReference Parse(string image) => ImageReference.TryParse(image, out var reference) ? reference : throw new ArgumentException($"{image} is not an image name", nameof(image));
}
