using System.Net.Sockets;
using System.Security.Authentication;

namespace Eclusier.Adapters.Http;

/// <summary>Says in a few words why there was no answer: the framework's own texts repeat the address and bury the reason.</summary>
public static class ConnectionTrouble
{
    public static string Describe(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case CertificateException:
                    return cause.Message;
                case AuthenticationException:
                    return $"the TLS handshake failed: {cause.Message}";
                case SocketException socket:
                    return Describe(socket);
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }:
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return "the connection was closed before the answer was complete";
            }
        }

        return exception.Message;
    }

    /// <summary>The other side speaks no TLS, or nothing listens there: worth another try in plain HTTP, where that is allowed.</summary>
    public static bool IsMissingTls(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError && !IsCertificateProblem(exception);

    public static bool IsCertificateProblem(Exception? exception) =>
        exception is CertificateException || (exception is not null && IsCertificateProblem(exception.InnerException));

    private static string Describe(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound or SocketError.NoData => "the name does not resolve",
        SocketError.TryAgain => "the name cannot be resolved now (DNS does not answer)",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route to the host",
        SocketError.TimedOut => "connection timed out",
        _ => exception.Message,
    };
}
