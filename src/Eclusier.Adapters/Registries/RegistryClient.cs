using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
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

    private static readonly TimeSpan BasicLifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Registry, string? CertificateFile), RegistryConnection> connections = new();
    private readonly ConcurrentDictionary<(string Registry, string Repository, RegistryAccess? Access), Ticket> tickets = new();
    private readonly ConcurrentDictionary<(string Image, string? Platform), IReadOnlyDictionary<string, string>> knownLabels = new();
    private readonly RegistryPauses pauses = new(timeProvider);
    private readonly TimeSpan timeLimit = timeLimit ?? TimeSpan.FromSeconds(30);

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
                ticket = await ObtainTicketAsync(connection, response, image, access, cancellationToken);
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
        WithinLimitAsync(
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

    private async Task<Ticket> ObtainTicketAsync(RegistryConnection connection, HttpResponseMessage refusal, ImageReference image, RegistryAccess? access, CancellationToken cancellationToken)
    {
        var login = await credentials.FindAsync(image.Registry, access, cancellationToken);
        var kind = login is null ? LoginKind.None : access is { HasLogin: true } ? LoginKind.Stack : LoginKind.Docker;
        var challenges = refusal.Headers.WwwAuthenticate;
        if (BearerChallenge.Find(challenges) is { } challenge)
        {
            return await ObtainTokenAsync(connection, challenge, login, kind, image, cancellationToken);
        }

        if (login is { IdentityToken: null } && challenges.Any(one => one.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)))
        {
            return new Ticket(BasicHeader(login), timeProvider.GetUtcNow() + BasicLifetime, kind);
        }

        throw RegistryFailures.Refused(image, kind);
    }

    private async Task<Ticket> ObtainTokenAsync(RegistryConnection connection, BearerChallenge challenge, RegistryLogin? login, LoginKind kind, ImageReference image, CancellationToken cancellationToken)
    {
        if (login is not null && challenge.Realm.Scheme == "http" && connection.IsEncrypted)
        {
            throw FailureException.Rejected($"the registry {image.Registry} wants its login sent in plain HTTP to {challenge.Realm.Host}; that was not done");
        }

        var scope = challenge.Scope ?? $"repository:{image.Repository}:pull";
        using var response = await WithinLimitAsync(
            async token =>
            {
                using var request = login?.IdentityToken is { } identity
                    ? new HttpRequestMessage(HttpMethod.Post, challenge.Realm)
                    {
                        Content = new FormUrlEncodedContent(
                        [
                            new("grant_type", "refresh_token"), new("service", challenge.Service ?? ""), new("scope", scope),
                            new("client_id", "eclusier"), new("refresh_token", identity.Reveal()),
                        ]),
                    }
                    : new HttpRequestMessage(HttpMethod.Get, WithQuery(challenge, scope));
                request.Headers.Authorization = login is { IdentityToken: null } ? BasicHeader(login) : null;
                return await connection.SendElsewhereAsync(request, token);
            },
            $"the token service {challenge.Realm.Host} of the registry {image.Registry}",
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw RegistryFailures.OfTokenAnswer(response, challenge.Realm, image, kind, timeProvider.GetUtcNow());
        }

        try
        {
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            var token = (string?)answer?["token"] ?? (string?)answer?["access_token"] ?? throw new FormatException("no token");
            var lifetime = TimeSpan.FromSeconds((int?)answer?["expires_in"] ?? 60); // 60 is what the protocol says where nothing is said
            return new Ticket(new AuthenticationHeaderValue("Bearer", token), timeProvider.GetUtcNow() + (lifetime * 0.9), kind);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            // without the inner exception, whose text could quote the answer
            throw FailureException.Transient($"the token service {challenge.Realm.Host} of the registry {image.Registry} answered something that holds no token");
        }
    }

    private async Task<HttpResponseMessage> WithinLimitAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, string server, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeLimit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await send(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureException.Transient($"{server} did not answer within {timeLimit.TotalSeconds:0.#} s", exception);
        }
        catch (HttpRequestException exception)
        {
            throw RegistryFailures.OfException(exception, server);
        }
    }

    private static Uri WithQuery(BearerChallenge challenge, string scope)
    {
        var service = challenge.Service is null ? "" : $"service={Uri.EscapeDataString(challenge.Service)}&";
        var separator = challenge.Realm.Query.Length == 0 ? '?' : '&';
        return new Uri($"{challenge.Realm.AbsoluteUri}{separator}{service}scope={Uri.EscapeDataString(scope)}");
    }

    private static AuthenticationHeaderValue BasicHeader(RegistryLogin login) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Username}:{login.Password.Reveal()}")));

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestRule();

    /// <summary>What is shown at the door, and how long it is good for.</summary>
    private sealed class Ticket(AuthenticationHeaderValue header, DateTimeOffset expiresAt, LoginKind login)
    {
        public AuthenticationHeaderValue Header => header; // a class: a record's ToString would print the secret

        public DateTimeOffset ExpiresAt => expiresAt;

        public LoginKind Login => login;
    }
}
