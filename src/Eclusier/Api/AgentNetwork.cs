using System.Net.Security;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Eclusier.Api;

/// <summary>The addresses at which the daemon takes requests besides its Unix socket.</summary>
public static partial class AgentNetwork
{
    /// <summary>Connections at the same time: a stranger's crowd must not cost the host its memory, nor the Unix socket its answer.</summary>
    private const int MostConnections = 256;

    /// <summary>Has the daemon, which is not started yet, listen where the configuration says, if that is safe.</summary>
    /// <param name="isMemoryLost">The database was made anew, and the tokens went with the old one: then the network stays closed instead, and the work goes on.</param>
    /// <exception cref="FailureException">Rejected: it is not safe, or the certificate cannot be used.</exception>
    public static void ListenOnNetwork(this WebApplication app, bool isMemoryLost)
    {
        var settings = app.Services.GetRequiredService<ApiSettings>();
        var timeProvider = app.Services.GetRequiredService<TimeProvider>();
        if (settings.FindOffHost() is { } offHost)
        {
            if (!settings.HasTls && settings.TrustedProxies.Count == 0)
            {
                throw FailureException.Rejected(
                    $"api.listen: other hosts can reach {offHost}, and tokens would cross the network in the clear: give api.certificate_file and api.key_file, "
                    + "or listen at 127.0.0.1, or name the reverse proxy that does TLS in api.trusted_proxies");
            }

            if (!app.Services.GetRequiredService<ITokenStore>().ReadAll().Any(token => !token.IsExpired(timeProvider.GetUtcNow())))
            {
                if (!isMemoryLost)
                {
                    throw FailureException.Rejected(
                        $"api.listen: other hosts can reach {offHost}, and there is no token yet: make one first (`eclusier token create NAME --role admin`), or listen at 127.0.0.1");
                }

                Log.Closed(app.Logger, offHost);
                return;
            }
        }

        if (settings.Listen.Count == 0)
        {
            return;
        }

        var certificate = settings is { CertificateFile: { } file, KeyFile: { } key } ? new ServerCertificate(file, key, timeProvider, app.Logger) : null;
        var connections = new ConnectionLimit(MostConnections);
        var kestrel = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value; // what it has when it starts counts
        foreach (var address in settings.Listen)
        {
            kestrel.Listen(address.Address, address.Port, listen =>
            {
                listen.Use(connections.Limit);
                if (certificate is not null)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
                    });
                }
            });
        }

        Log.Listening(app.Logger, settings.HasTls ? "https" : "http", string.Join(", ", settings.Listen));
    }

    private sealed class ConnectionLimit(int most)
    {
        private int open;

        public ConnectionDelegate Limit(ConnectionDelegate next) => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref open) <= most)
                {
                    await next(connection);
                }
                else
                {
                    connection.Abort();
                }
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Listening for {Scheme} at {Addresses}")]
        public static partial void Listening(ILogger logger, string scheme, string addresses);

        [LoggerMessage(LogLevel.Error, "The tokens were lost with the database, so nothing listens at {Address}: make new ones (`eclusier token create`), then restart")]
        public static partial void Closed(ILogger logger, ListenAddress address);
    }
}
