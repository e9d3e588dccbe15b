using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Core.Deployments;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Registries;

/// <summary>Answers a registry that wants to know who asks: with a name and password, or with a token from where it says that those are given out.</summary>
internal sealed class TicketOffice(DockerCredentials credentials, RequestLimit limit, TimeProvider timeProvider)
{
    private static readonly TimeSpan BasicLifetime = TimeSpan.FromMinutes(5);

    /// <param name="refusal">The registry's answer to a request without a ticket, or with one that has ended.</param>
    /// <exception cref="FailureException">Rejected: there is no login for it, or it is not taken. Transient: the token service is unreachable, slow or confused.</exception>
    public async Task<Ticket> ObtainAsync(RegistryConnection connection, HttpResponseMessage refusal, ImageReference image, RegistryAccess? access, CancellationToken cancellationToken)
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
        using var response = await limit.KeepAsync(
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

    private static Uri WithQuery(BearerChallenge challenge, string scope)
    {
        var service = challenge.Service is null ? "" : $"service={Uri.EscapeDataString(challenge.Service)}&";
        var separator = challenge.Realm.Query.Length == 0 ? '?' : '&';
        return new Uri($"{challenge.Realm.AbsoluteUri}{separator}{service}scope={Uri.EscapeDataString(scope)}");
    }

    private static AuthenticationHeaderValue BasicHeader(RegistryLogin login) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Username}:{login.Password.Reveal()}")));
}
