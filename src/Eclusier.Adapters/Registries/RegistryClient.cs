using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>Asks registries over HTTP what their tags point to.</summary>
/// <param name="certificatesDirectory">Where Docker keeps authorities per registry, in <c>host:port/*.crt</c>.</param>
public sealed partial class RegistryClient(
    DockerCredentials credentials,
    IInsecureRegistries insecureRegistries,
    TimeProvider timeProvider,
    TimeSpan? timeLimit = null,
    string certificatesDirectory = "/etc/docker/certs.d") : IRegistry, IDisposable
{
    // a tag is what it is only for those who name every kind of manifest: for others, registries answer with a converted one and its other digest
    private static readonly string[] ManifestTypes =
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private const int MostKnownLabels = 200;

    private readonly ConcurrentDictionary<(string Registry, string? CertificateFile), RegistryConnection> connections = new();
    private readonly ConcurrentDictionary<(string Registry, string Repository, RegistryAccess? Access), Ticket> tickets = new();
    private readonly ConcurrentDictionary<(string Image, string? Platform), IReadOnlyDictionary<string, string>> knownLabels = new();
    private readonly RegistryPauses pauses = new(timeProvider);
    private readonly RequestLimit limit = new(timeLimit ?? TimeSpan.FromSeconds(30), timeProvider);

    public async Task<string> ResolveDigestAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken)
    {
        using var head = await AskAsync(HttpMethod.Head, image, ManifestPathOf(image), access, cancellationToken);
        if (head.Headers.TryGetValues("Docker-Content-Digest", out var values) && values.FirstOrDefault() is { } digest)
        {
            return DigestRule().IsMatch(digest)
                ? digest
                : throw FailureException.Transient($"the registry {image.Registry} named a digest for {image} that is none");
        }

        // a few registries leave the header out; then the digest is that of the manifest's bytes
        using var get = await AskAsync(HttpMethod.Get, image, ManifestPathOf(image), access, cancellationToken);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(await get.Content.ReadAsByteArrayAsync(cancellationToken)))}";
    }

    public async Task<IReadOnlyDictionary<string, string>> ReadLabelsAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        if (image.Digest is null)
        {
            return ImageManifest.LabelsOf((await ReadImageAsync(image, platform, access, cancellationToken)).Configuration);
        }

        // what a digest names never changes, and registries count each request: a wait asks every few seconds
        var key = (image.Pinned(image.Digest), platform);
        if (knownLabels.TryGetValue(key, out var known))
        {
            return known;
        }

        var labels = ImageManifest.LabelsOf((await ReadImageAsync(image, platform, access, cancellationToken)).Configuration);
        if (knownLabels.Count >= MostKnownLabels)
        {
            knownLabels.Clear();
        }

        return knownLabels[key] = labels;
    }

    public async Task<IReadOnlyList<ImageLayer>> ReadLayersAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        var (manifest, configuration) = await ReadImageAsync(image, platform, access, cancellationToken);
        return ImageManifest.LayersOf(manifest, configuration);
    }

    /// <summary>What time it is at an image's registry, by whatever it answers.</summary>
    /// <returns><c>null</c>: it does not say.</returns>
    /// <exception cref="FailureException">Transient: unreachable, slow.</exception>
    public async Task<DateTimeOffset?> ReadClockAsync(ImageReference image, RegistryAccess? access, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(ConnectionTo(image.Registry, access), HttpMethod.Head, image, ManifestPathOf(image), ticket: null, cancellationToken);
        return answer.Headers.Date;
    }

    public void Dispose()
    {
        foreach (var connection in connections.Values)
        {
            connection.Dispose();
        }
    }

    private async Task<(JsonObject Manifest, JsonObject Configuration)> ReadImageAsync(ImageReference image, string? platform, RegistryAccess? access, CancellationToken cancellationToken)
    {
        var manifest = await ReadJsonAsync(image, ManifestPathOf(image), access, cancellationToken);
        if (ImageManifest.FindPlatform(manifest, platform) is { } digest)
        {
            manifest = await ReadJsonAsync(image, $"manifests/{digest}", access, cancellationToken);
        }

        var configuration = ImageManifest.FindConfiguration(manifest)
            ?? throw FailureException.Rejected($"the registry {image.Registry} has something under {image} that is no image: it has no configuration");
        return (manifest, await ReadJsonAsync(image, $"blobs/{configuration}", access, cancellationToken));
    }

    private static string ManifestPathOf(ImageReference image) => $"manifests/{image.Digest ?? image.TagOrDefault}";

    private RegistryConnection ConnectionTo(string registry, RegistryAccess? access) => connections.GetOrAdd(
        (registry, access?.CertificateFile),
        static (key, client) => new RegistryConnection(key.Registry, key.CertificateFile, client.CertificatesDirectory, client.InsecureRegistries, client.Clock),
        (CertificatesDirectory: certificatesDirectory, InsecureRegistries: insecureRegistries, Clock: timeProvider));

    private async Task<JsonObject> ReadJsonAsync(ImageReference image, string path, RegistryAccess? access, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, image, path, access, cancellationToken);
        try
        {
            return JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken)) as JsonObject ?? throw new JsonException("no object");
        }
        catch (JsonException exception)
        {
            throw FailureException.Transient($"the registry {image.Registry} answered something about {image} that is not JSON", exception);
        }
    }

    /// <summary>Asks; who is refused is worth another try once the files change that the login comes from.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, ImageReference image, string path, RegistryAccess? access, CancellationToken cancellationToken)
    {
        try
        {
            return await AskWithLoginAsync(method, image, path, access, cancellationToken);
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            throw new FailureException(exception.Failure with { HostFiles = credentials.FilesOf(access) }, exception);
        }
    }

    /// <summary>Asks; when the registry wants to know who asks, once more with an answer to that.</summary>
    private async Task<HttpResponseMessage> AskWithLoginAsync(HttpMethod method, ImageReference image, string path, RegistryAccess? access, CancellationToken cancellationToken)
    {
        pauses.Require(image.Registry, access);
        var connection = ConnectionTo(image.Registry, access);
        var key = (image.Registry, image.Repository, access);
        var ticket = tickets.TryGetValue(key, out var known) && known.ExpiresAt > timeProvider.GetUtcNow() ? known : null;
        var response = await SendAsync(connection, method, image, path, ticket, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            // this also heals a ticket that ended early
            using (response)
            {
                ticket = await new TicketOffice(credentials, limit, timeProvider).ObtainAsync(connection, response, image, access, cancellationToken);
            }

            tickets[key] = ticket;
            response = await SendAsync(connection, method, image, path, ticket, cancellationToken);
        }

        pauses.Heed(image.Registry, access, response);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                tickets.TryRemove(key, out _); // the next try reads the login anew
            }

            throw RegistryFailures.OfAnswer(response, image, ticket?.Login ?? LoginKind.None, timeProvider.GetUtcNow());
        }
    }

    private Task<HttpResponseMessage> SendAsync(RegistryConnection connection, HttpMethod method, ImageReference image, string path, Ticket? ticket, CancellationToken cancellationToken) =>
        limit.KeepAsync(
            token => connection.SendAsync(
                $"/v2/{image.Repository}/{path}",
                address =>
                {
                    var request = new HttpRequestMessage(method, address);
                    foreach (var type in ManifestTypes)
                    {
                        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
                    }

                    request.Headers.Authorization = ticket?.Header;
                    return request;
                },
                token),
            $"the registry {image.Registry}",
            cancellationToken);

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestRule();
}
