using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The program's API over TCP with TLS, as another program uses it: a certificate, a token, HTTP.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly Shop shop;
    private X509Certificate2 authority;

    private ApiClient(Shop shop, X509Certificate2 authority)
    {
        (this.shop, this.authority) = (shop, authority);
        Http = Client();
    }

    public int Port { get; } = FreePort.Take();

    public HttpClient Http { get; private set; }

    /// <summary>Adds the API to the shop's configuration, with a certificate of its own; the daemon reads it when it starts next.</summary>
    public static ApiClient Configure(Shop shop, string listenAt = "127.0.0.1")
    {
        var client = new ApiClient(shop, LabServer.CreateCertificate("an authority", TimeSpan.FromDays(30)));
        client.RenewCertificate();
        File.AppendAllText(shop.Host.ConfigFile, $"api:\n  listen: \"{listenAt}:{client.Port}\"\n  certificate_file: tls.crt\n  key_file: tls.key\n");
        return client;
    }

    /// <summary>Writes a new certificate, which only the new authority vouches for.</summary>
    public void RenewCertificate()
    {
        authority = LabServer.CreateCertificate("an authority", TimeSpan.FromDays(30));
        using var certificate = LabServer.CreateCertificate("eclusier", TimeSpan.FromDays(7), authority, "127.0.0.1");
        File.WriteAllText(Path.Combine(shop.Host.Folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(shop.Host.Folder, "tls.key"), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Http?.Dispose();
        Http = Client();
    }

    /// <summary>Makes a token with the command, and returns it.</summary>
    public async Task<string> TokenAsync(string name, string role) => (await shop.Host.RunAsync("token", "create", name, "--role", role)).Succeeded().Trim();

    /// <returns>The status, and the answer as JSON; of an answer in lines the last one.</returns>
    public async Task<(HttpStatusCode Status, JsonNode? Answer)> AskAsync(string? token, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, $"https://127.0.0.1:{Port}{path}");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Trim();
        var last = response.Content.Headers.ContentType?.MediaType == "application/x-ndjson" ? text[(text.LastIndexOf('\n') + 1)..] : text;
        return (response.StatusCode, last.Length == 0 ? null : JsonNode.Parse(last));
    }

    /// <summary>Collects the types of the events, with the state of a status: <c>status deploying</c>.</summary>
    public async Task WatchAsync(string token, List<string> seen, CancellationToken until)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{Port}/api/v1/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, until);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(until));
        var type = "";
        while (await reader.ReadLineAsync(until) is { } line)
        {
            type = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : type;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var data = JsonSerializer.Deserialize<JsonNode>(line["data: ".Length..])!;
                lock (seen)
                {
                    seen.Add($"{type} {data["state"] ?? data["message"]}");
                }
            }
        }
    }

    public void Dispose() => Http.Dispose();

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } },
        },
    })
    {
        Timeout = TimeSpan.FromMinutes(1),
    };
}
