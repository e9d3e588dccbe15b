using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Git;

/// <summary>Asks HTTP servers for references itself, by version 2 of git's protocol over connections that stay open: no program, and one request once the server is known.</summary>
/// <remarks>
/// Whatever it is not sure to do as git does is left to git: settings for HTTP, credential helpers, other versions of the protocol, refusals, noise.
/// The rules are those of git's own documentation: gitprotocol-http and gitprotocol-v2 (<c>ls-refs</c>).
/// </remarks>
internal sealed class HttpReferences : IDisposable
{
    private const int LargestAnswer = 16 * 1024 * 1024; // some 200,000 tags
    private const string Service = "git-upload-pack";

    /// <summary>How long it is remembered what a server can do, or that git does better.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly GitLimits limits;
    private readonly GitHttpSettings settings;
    private readonly TimeProvider timeProvider;
    private readonly HttpMessageInvoker client; // each question has its own deadline: of what a client adds nothing is needed
    private readonly ConcurrentDictionary<string, Server> servers = new();
    private readonly ConcurrentDictionary<string, long> leftToGit = new();

    public HttpReferences(GitLimits limits, GitHttpSettings settings, TimeProvider timeProvider)
    {
        (this.limits, this.settings, this.timeProvider) = (limits, settings, timeProvider);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = limits.Connect,
            AutomaticDecompression = DecompressionMethods.All,
            MaxAutomaticRedirections = 5,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(10), // longer than most intervals
            PooledConnectionLifetime = TimeSpan.FromMinutes(15), // a changed DNS entry counts by then
            UseCookies = false,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = CertificateCheck.For(timeProvider);
        client = new HttpMessageInvoker(handler);
    }

    /// <param name="patterns">Whole names of references, or what they begin with, up to a slash.</param>
    /// <returns>The references by name, annotated tags also with what they point to (<c>^{}</c>); <c>null</c>: ask git.</returns>
    /// <exception cref="FailureException">Transient: the server hangs, or said that it cannot answer now. Rejected: the token's file cannot be read.</exception>
    public async Task<Dictionary<string, CommitId>?> TryReadAsync(Source source, IReadOnlyCollection<string> patterns, CancellationToken cancellationToken)
    {
        var address = new GitAddress(source.Repository);
        if (!IsPlain(address, source.Credential) || IsLeftToGit(address) || !await settings.AreNoneAsync(cancellationToken))
        {
            return null;
        }

        using var deadline = new AnswerDeadline(limits, timeProvider, cancellationToken);
        try
        {
            return await ReadAsync(address, source.Credential, patterns, deadline);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureException.Transient($"reading the references from {address.Display} failed: {deadline.Reason}", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            servers.TryRemove(address.Text, out _);
            return null; // git says it in its own words, or knows a way
        }
    }

    /// <summary>git got an answer where there was none for us: it is asked at once for a while.</summary>
    public void LeaveToGit(GitAddress address)
    {
        if (address.HttpOrigin is not null)
        {
            leftToGit[address.Text] = timeProvider.GetTimestamp();
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<Dictionary<string, CommitId>?> ReadAsync(GitAddress address, SourceCredential? credential, IReadOnlyCollection<string> patterns, AnswerDeadline deadline)
    {
        var known = servers.GetValueOrDefault(address.Text);
        var server = known is not null && timeProvider.GetElapsedTime(known.LearnedAt) < Lifetime ? known : await MeetAsync(address, credential, deadline);
        if (server is null)
        {
            return null;
        }

        servers[address.Text] = server;
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Endpoint) { Content = new ByteArrayContent(ReferenceProtocol.Question(server.ObjectFormat, patterns)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", $"application/x-{Service}-request");
        request.Headers.TryAddWithoutValidation("Accept", $"application/x-{Service}-result");
        using var response = await SendAsync(request, address, server.TakesCredential ? credential : null, deadline);
        if (!IsGood(response, address, "result"))
        {
            servers.TryRemove(address.Text, out _);
            return null;
        }

        return await ReferenceProtocol.ReadReferencesAsync(new PacketLines(await response.Content.ReadAsStreamAsync(deadline.Token), LargestAnswer, deadline), patterns);
    }

    /// <summary>The first question: which versions of the protocol the server speaks, and where it is in the end.</summary>
    private async Task<Server?> MeetAsync(GitAddress address, SourceCredential? credential, AnswerDeadline deadline)
    {
        // unencrypted, a password goes out only where it is asked for, as with git: the server may lead to https first
        var waits = address.HttpOrigin is ("http", _) && credential is not null;
        var (server, isAskedFor) = await AskOfferAsync(address, waits ? null : credential, deadline);
        return waits && isAskedFor ? (await AskOfferAsync(address, credential, deadline)).Server : server;
    }

    /// <returns>No server: ask git. Whether the configured server itself asks for a password.</returns>
    private async Task<(Server? Server, bool IsAskedFor)> AskOfferAsync(GitAddress address, SourceCredential? credential, AnswerDeadline deadline)
    {
        const string ending = $"/info/refs?service={Service}";
        var asked = new UriBuilder(address.Text.TrimEnd('/') + ending) { UserName = "", Password = "" }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, asked);
        using var response = await SendAsync(request, address, credential, deadline);
        var answered = response.RequestMessage!.RequestUri!.AbsoluteUri;
        if (!IsGood(response, address, "advertisement") || !answered.EndsWith(ending, StringComparison.Ordinal))
        {
            return (null, response.StatusCode is HttpStatusCode.Unauthorized && IsConfigured(address, response.RequestMessage.RequestUri));
        }

        var lines = new PacketLines(await response.Content.ReadAsStreamAsync(deadline.Token), LargestAnswer, deadline);
        return await ReferenceProtocol.ReadAdvertisementAsync(lines, Service) is { } offered
            ? (new Server(new Uri($"{answered[..^ending.Length]}/{Service}"), offered.ObjectFormat, credential is not null, timeProvider.GetTimestamp()), false)
            : (null, false);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, GitAddress address, SourceCredential? credential, AnswerDeadline deadline)
    {
        // another host than the configured one gets no password, as with git
        if (credential is SourceCredential.Token token && IsConfigured(address, request.RequestUri!))
        {
            var secret = GitAccess.SecretOf(token).Text.Trim();
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{token.UserName}:{secret}")));
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "git/2.0 (eclusier)"); // some servers answer git only to who calls itself so
        request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
        deadline.BeginSilence();
        return client.SendAsync(request, deadline.Token);
    }

    /// <exception cref="FailureException">Transient: it says itself that it cannot answer now.</exception>
    private bool IsGood(HttpResponseMessage response, GitAddress address, string kind) =>
        response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)response.StatusCode is 425 or (>= 500 and not (501 or 505)) // these two are no matter of time
            ? throw new FailureException(new Failure(FailureKind.Transient, $"reading the references from {address.Display} failed: the server answered {(int)response.StatusCode} {response.ReasonPhrase}")
            {
                RetryAfter = RetryAfter.Of(response, timeProvider.GetUtcNow()),
            })
            : response.StatusCode is HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == $"application/x-{Service}-{kind}";

    private static bool IsPlain(GitAddress address, SourceCredential? credential) =>
        address.HttpOrigin is var (scheme, _)
        && Uri.TryCreate(address.Text, UriKind.Absolute, out var uri) && uri.Query.Length == 0 && uri.Fragment.Length == 0
        && credential is null or SourceCredential.Token
        && !(scheme == "http" && Environment.GetEnvironmentVariable("HTTP_PROXY") is not null && Environment.GetEnvironmentVariable("http_proxy") is null); // git does not know the former

    private bool IsLeftToGit(GitAddress address) =>
        leftToGit.TryGetValue(address.Text, out var since) && timeProvider.GetElapsedTime(since) < Lifetime;

    private static bool IsConfigured(GitAddress address, Uri uri) =>
        address.HttpOrigin is var (scheme, host) && $"{scheme}://{host}".Equals(uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    /// <param name="Endpoint">Where questions go.</param>
    /// <param name="ObjectFormat">The capability line, to be repeated; <c>null</c>: not told.</param>
    /// <param name="TakesCredential">It was known with the password.</param>
    private sealed record Server(Uri Endpoint, string? ObjectFormat, bool TakesCredential, long LearnedAt);
}
