using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Eclusier.Adapters.Http;

namespace Eclusier.Adapters.Registries;

/// <summary>Reaches one registry: by https, or by plain http where that is allowed; the connections are pooled.</summary>
/// <remarks>Each registry has a pool of its own, since each has its own rule for certificates.</remarks>
internal sealed class RegistryConnection : IDisposable
{
    private const int LargestAnswer = 4 * 1024 * 1024;

    // the hub's registry answers under another name than its images have
    private readonly string address;
    private readonly string registry;
    private readonly string authorities;
    private readonly string? authorityFile;
    private readonly IInsecureRegistries insecureRegistries;
    private readonly TimeProvider timeProvider;
    private readonly HttpClient strict;
    private readonly Lazy<HttpClient> lenient;
    private volatile Way? known;

    /// <param name="authorityFile">Authorities that a stack trusts: then nothing but https with a certificate by them, or one that this host trusts, will do.</param>
    public RegistryConnection(string registry, string? authorityFile, string certificatesDirectory, IInsecureRegistries insecureRegistries, TimeProvider timeProvider)
    {
        this.registry = registry;
        this.authorityFile = authorityFile;
        this.insecureRegistries = insecureRegistries;
        this.timeProvider = timeProvider;
        address = registry == "docker.io" ? "registry-1.docker.io" : registry;
        authorities = Path.Combine(certificatesDirectory, registry);
        strict = CreateClient(acceptsAnyCertificate: false);
        lenient = new Lazy<HttpClient>(() => CreateClient(acceptsAnyCertificate: true));
    }

    /// <summary>How the registry was reached the last time.</summary>
    public bool IsEncrypted => known?.Scheme != "http";

    /// <param name="create">Makes the request anew for each try.</param>
    /// <exception cref="HttpRequestException">No way led to an answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(string path, Func<Uri, HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        if (known is not { } way)
        {
            return await FindWayAsync(path, create, cancellationToken);
        }

        try
        {
            return await SendAsync(way, path, create, cancellationToken);
        }
        catch (HttpRequestException)
        {
            known = null; // it may come back another way: the next request looks again
            throw;
        }
    }

    /// <summary>Asks a token service, which may be on another host, by the registry's own rule for certificates.</summary>
    public Task<HttpResponseMessage> SendElsewhereAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        (known?.Client ?? strict).SendAsync(request, cancellationToken);

    public void Dispose()
    {
        strict.Dispose();
        if (lenient.IsValueCreated)
        {
            lenient.Value.Dispose();
        }
    }

    private async Task<HttpResponseMessage> FindWayAsync(string path, Func<Uri, HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        if (authorityFile is not null)
        {
            return await SendAsync(new Way("https", strict), path, create, cancellationToken);
        }

        if (!InsecureRegistryRule.IsLoopback(registry))
        {
            try
            {
                return await SendAsync(new Way("https", strict), path, create, cancellationToken);
            }
            catch (HttpRequestException exception) when (ConnectionTrouble.IsMissingTls(exception) || ConnectionTrouble.IsCertificateProblem(exception))
            {
                // only now is the engine asked for its list: a registry with a good certificate never needs it
                var insecure = await insecureRegistries.ReadInsecureRegistriesAsync(cancellationToken);
                if (!await InsecureRegistryRule.IsListedAsync(registry, insecure, cancellationToken))
                {
                    throw;
                }
            }
        }

        try
        {
            return await SendAsync(new Way("https", lenient.Value), path, create, cancellationToken);
        }
        catch (HttpRequestException exception) when (ConnectionTrouble.IsMissingTls(exception))
        {
            return await SendAsync(new Way("http", lenient.Value), path, create, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Way way, string path, Func<Uri, HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        using var request = create(new Uri($"{way.Scheme}://{address}{path}"));
        var response = await way.Client.SendAsync(request, cancellationToken);
        known = way;
        return response;
    }

    private HttpClient CreateClient(bool acceptsAnyCertificate)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // a changed DNS entry counts within minutes
            UseCookies = false,
            UseProxy = !InsecureRegistryRule.IsLoopback(registry), // as docker: a proxy cannot reach this host's own loopback
        };
        handler.SslOptions.RemoteCertificateValidationCallback = acceptsAnyCertificate
            ? CertificateCheck.AcceptsAny
            : CertificateCheck.For(timeProvider, ReadAuthorities);
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("eclusier");
        return client;
    }

    private X509Certificate2Collection ReadAuthorities()
    {
        var found = new X509Certificate2Collection();
        foreach (var file in (Directory.Exists(authorities) ? Directory.EnumerateFiles(authorities, "*.crt") : []).Concat(authorityFile is null ? [] : [authorityFile]))
        {
            try
            {
                found.ImportFromPemFile(file);
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new CertificateException($"certificate: the authority's file {file} cannot be used: {exception.Message}");
            }
        }

        return found;
    }

    private sealed record Way(string Scheme, HttpClient Client);
}
