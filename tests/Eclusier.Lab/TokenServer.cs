using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Eclusier.Lab;

/// <summary>The token service of a registry: gives out signed tokens, with rights for who knows the password, and without for the rest.</summary>
public sealed class TokenServer : IAsyncDisposable
{
    public const string Service = "lab-registry";

    public const string Issuer = "lab-issuer";

    private readonly LabFolder folder = new();
    private readonly RSA key = RSA.Create(2048);
    private readonly string certificate;
    private readonly (string Name, string Password) login;
    private LabServer server = null!;
    private int given;

    private TokenServer(string name, string password)
    {
        login = (name, password);
        using var own = new CertificateRequest("CN=lab-issuer", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        certificate = Convert.ToBase64String(own.RawData);
        CertificateFile = folder.Write("issuer.pem", own.ExportCertificatePem());
    }

    public string CertificateFile { get; }

    public string Realm => $"{server.Address}token";

    /// <summary>How many tokens it has given out.</summary>
    public int Given => given;

    /// <summary>How long a token is said to be good for.</summary>
    public int LifetimeSeconds { get; set; } = 60;

    /// <summary>The field that carries the token: <c>token</c> or <c>access_token</c>.</summary>
    public string Field { get; set; } = "token";

    /// <summary>Accepted instead of the password, by the OAuth form; <c>null</c>: none.</summary>
    public string? IdentityToken { get; set; }

    public static async Task<TokenServer> StartAsync(string name, string password)
    {
        var tokens = new TokenServer(name, password);
        tokens.server = await LabServer.StartAsync(tokens.AnswerAsync);
        return tokens;
    }

    /// <summary>A token with all rights to a repository, for its owner.</summary>
    public async Task<string> TokenForAsync(string repository)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Realm}?service={Uri.EscapeDataString(Service)}&scope={Uri.EscapeDataString($"repository:{repository}:pull,push")}");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Name}:{login.Password}")));
        using var answer = await client.SendAsync(request);
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement.GetProperty(Field).GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        key.Dispose();
        folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        var isKnown = authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Name}:{login.Password}"))}"
            || (IdentityToken is not null && form?["refresh_token"].ToString() == IdentityToken);
        if (!isKnown && (authorization.Length > 0 || form is not null))
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync("""{"details":"incorrect username or password"}""");
            return;
        }

        var scopes = form is null ? context.Request.Query["scope"] : form["scope"];
        var service = form is null ? context.Request.Query["service"] : form["service"];
        var access = scopes.OfType<string>().Select(scope => scope.Split(':', 3)).Select(parts => new Dictionary<string, object>
        {
            ["type"] = parts[0],
            ["name"] = parts[1],
            ["actions"] = isKnown ? parts[2].Split(',') : [],
        }).ToArray();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new Dictionary<string, object> { ["typ"] = "JWT", ["alg"] = "RS256", ["x5c"] = new[] { certificate } };
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["sub"] = isKnown ? login.Name : "",
            ["aud"] = service.ToString(),
            ["exp"] = now + LifetimeSeconds,
            ["nbf"] = now - 5,
            ["iat"] = now,
            ["jti"] = Guid.NewGuid().ToString(),
            ["access"] = access,
        };
        var text = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Interlocked.Increment(ref given);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, object> { [Field] = $"{text}.{Encode(signature)}", ["expires_in"] = LifetimeSeconds }));
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
