using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eclusier.Lab;

/// <summary>A small web server that answers as the test says.</summary>
public sealed class LabServer : IAsyncDisposable
{
    private readonly WebApplication application;

    private LabServer(WebApplication application) => this.application = application;

    /// <summary>With a slash at its end.</summary>
    public Uri Address => new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public int Port => Address.Port;

    public string Host => $"127.0.0.1:{Port}";

    public static Task<LabServer> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null, IPAddress? address = null) =>
        StartAsync(answer, kestrel => kestrel.Listen(address ?? IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));

    public static Task<LabServer> StartAtSocketAsync(string path, RequestDelegate answer) => StartAsync(answer, kestrel => kestrel.ListenUnixSocket(path));

    /// <summary>A certificate for tests; without an authority it signs itself.</summary>
    public static X509Certificate2 CreateCertificate(string name, TimeSpan validFor, X509Certificate2? authority = null, params IReadOnlyList<string> alternatives)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var alternative in alternatives)
        {
            if (IPAddress.TryParse(alternative, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(alternative);
            }
        }

        if (alternatives.Count > 0)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: alternatives.Count == 0, false, 0, true));
        var (start, end) = (DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow + validFor);
        if (authority is null)
        {
            return request.CreateSelfSigned(start, end);
        }

        using var signed = request.Create(authority, start, end, RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static async Task<LabServer> StartAsync(RequestDelegate answer, Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions> listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(listen).UseShutdownTimeout(TimeSpan.FromMilliseconds(200));
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new LabServer(application);
    }
}
