using System.Net;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.DockerEngine;

/// <content>Images: found, pulled, kept by tags, and given up.</content>
public sealed partial class DockerEngine
{
    private string? imagesAt; // asking for it takes the engine long, and it stays where it is

    public async Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken) => (await InspectImageAsync(reference, cancellationToken))?.Id;

    public async Task<IReadOnlySet<string>> FindMissingImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        if (references.Count == 0)
        {
            return new HashSet<string>(); // asked for none, the engine would list them all
        }

        var listed = await connection.CallAsync("list the images", options.TimeLimit, (api, token) => api.ListImagesAsync(references, token), cancellationToken);
        var known = listed.SelectMany(image => (image.RepoTags ?? []).Concat(image.RepoDigests ?? []).Append(image.Id)).ToHashSet();
        var missing = new HashSet<string>();
        foreach (var reference in references.Where(reference => !known.Contains(reference)))
        {
            // not by this spelling: names of Docker Hub are listed without their host
            if (await FindImageAsync(reference, cancellationToken) is null)
            {
                missing.Add(reference);
            }
        }

        return missing;
    }

    public async Task<IReadOnlyList<string>> ReadRepositoryDigestsAsync(string imageId, CancellationToken cancellationToken) =>
        [.. (await InspectImageAsync(imageId, cancellationToken))?.RepoDigests ?? []];

    public async Task<IReadOnlyList<string>> ReadLayersAsync(string imageId, CancellationToken cancellationToken) =>
        [.. (await InspectImageAsync(imageId, cancellationToken))?.RootFs?.Layers ?? []];

    public async Task<long?> ReadFreeSpaceAsync(CancellationToken cancellationToken)
    {
        if (!options.Endpoint.StartsWith("unix:", StringComparison.Ordinal))
        {
            return null; // its disks are another machine's
        }

        imagesAt ??= (await connection.CallAsync("tell where it keeps its images", options.TimeLimit, (api, token) => api.ReadInfoAsync(token), cancellationToken)).DockerRootDir;
        return Directory.Exists(imagesAt) ? new DriveInfo(imagesAt).AvailableFreeSpace : null;
    }

    public Task PullAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken) =>
        new ImagePull(connection, credentials).RunAsync(image, platform, access, cancellationToken);

    public async Task TagAsync(string imageId, string tag, CancellationToken cancellationToken)
    {
        var colon = tag.LastIndexOf(':');
        var (repository, name) = colon < 0 ? (tag, "latest") : (tag[..colon], tag[(colon + 1)..]);
        var isDone = await connection.CallAsync(
            $"tag the image {imageId} as {tag}",
            options.TimeLimit,
            (api, token) => UnlessMissingAsync(api.TagImageAsync(imageId, repository, name, token)),
            cancellationToken);
        if (!isDone)
        {
            throw FailureException.Transient($"the image {imageId} went away before it could be tagged as {tag}");
        }
    }

    public async Task RemoveTagAsync(string tag, CancellationToken cancellationToken)
    {
        if (await InspectImageAsync(tag, cancellationToken) is not { } image)
        {
            return;
        }

        if (!await DeleteImageAsync(tag, cancellationToken))
        {
            // by force the engine would take the image away from under a stopped container
            throw FailureException.Transient($"the tag {tag} stays: it is the last name of an image that a container still uses");
        }

        // pulled by its digest, it has that name still: without a tag nobody keeps it, and it would take its space for ever
        if (await InspectImageAsync(image.Id, cancellationToken) is { RepoTags: null or { Count: 0 } })
        {
            await DeleteImageAsync(image.Id, cancellationToken);
        }
    }

    /// <returns>Whether it is gone; <c>false</c>: a container uses it, or other repositories name it.</returns>
    private Task<bool> DeleteImageAsync(string name, CancellationToken cancellationToken) => connection.CallAsync(
        $"remove the image {name}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                await UnlessMissingAsync(api.RemoveImageAsync(name, token));
                return true;
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.Conflict)
            {
                return false;
            }
        },
        cancellationToken);

    private Task<InspectedImage?> InspectImageAsync(string reference, CancellationToken cancellationToken) => connection.CallAsync(
        $"inspect the image {reference}",
        options.TimeLimit,
        async (api, token) =>
        {
            try
            {
                return await api.InspectImageAsync(reference, token);
            }
            catch (EngineAnswerException exception) when (exception.Status == HttpStatusCode.NotFound)
            {
                return null;
            }
        },
        cancellationToken);
}
