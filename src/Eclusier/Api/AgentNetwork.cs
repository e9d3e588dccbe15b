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

    /// <summary>Before anything is begun: listens where the configuration says, when that is safe.</summary>
    /// <param name="isMemoryLost">The database was made anew, and the tokens went with the old one: then the network stays closed instead, and the work goes on.</param>
    /// <exception cref="FailureException">Rejected: it is not safe.</exception>
    public static void Admit(WebApplication app, ITokenStore tokens, bool isMemoryLost, TimeProvider timeProvider)
    {
        var settings = app.Services.GetRequiredService<ApiSettings>();
        if (settings.Listen.Count == 0)
        {
            return;
        }

        if (settings.FindOffHost() is { } offHost)
        {
            if (!settings.HasTls && settings.TrustedProxies.Count == 0)
            {
                throw FailureException.Rejected(
                    $"api.listen: other hosts can reach {offHost}, and tokens would cross the network in the clear: give api.certificate_file and api.key_file, "
                    + "or listen at 127.0.0.1, or name the reverse proxy that does TLS in api.trusted_proxies");
            }

            if (!tokens.ReadAll().Any(token => !token.IsExpired(timeProvider.GetUtcNow())))
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

        var certificate = settings is { CertificateFile: { } file, KeyFile: { } key } ? new ServerCertificate(file, key, timeProvider, app.Logger) : null;
        Listen(app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value, settings.Listen, certificate);
        Log.Listening(app.Logger, settings.HasTls ? "https" : "http", string.Join(", ", settings.Listen));
    }

    /// <summary>The server has read its options when the application was built, and opens what they hold when it starts.</summary>
    private static void Listen(KestrelServerOptions kestrel, IReadOnlyList<ListenAddress> addresses, ServerCertificate? certificate)
    {
        var connections = new ConnectionLimit(MostConnections);
        foreach (var address in addresses)
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
