using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Eclusier.Lab;

/// <summary>A mail server that takes what it is given, over TLS or STARTTLS, from who signs in.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate;
    private readonly bool tlsAtOnce;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;
    private readonly List<string> mails = [];

    public MailServer(X509Certificate2 certificate, bool tlsAtOnce)
    {
        (this.certificate, this.tlsAtOnce) = (certificate, tlsAtOnce);
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>As they came, with their headers.</summary>
    public IReadOnlyList<string> Mails => mails;

    /// <summary>What was said to sign in: <c>name:password</c>.</summary>
    public string? Login { get; private set; }

    public bool OffersStartTls { get; init; } = true;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await serving;
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(stopping.Token);
                await TalkAsync(client.GetStream());
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                // that client is gone, or did not trust the certificate
            }
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        if (tlsAtOnce)
        {
            stream = await SecureAsync(stream);
        }

        await SayAsync(stream, "220 lab");
        while (await ReadLineAsync(stream) is { } line)
        {
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await SayAsync(stream, stream is SslStream ? "250-lab\r\n250 AUTH PLAIN" : OffersStartTls ? "250-lab\r\n250 STARTTLS" : "250 lab");
                    break;
                case "STARTTLS":
                    await SayAsync(stream, "220 go on");
                    stream = await SecureAsync(stream);
                    break;
                case "AUTH":
                    Login = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).Trim('\0').Replace('\0', ':');
                    await SayAsync(stream, "235 welcome");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go on");
                    var mail = new StringBuilder();
                    while (await ReadLineAsync(stream) is { } text and not ".")
                    {
                        mail.Append(text).Append('\n');
                    }

                    mails.Add(mail.ToString());
                    await SayAsync(stream, "250 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, "250 fine");
                    break;
            }
        }
    }

    private async Task<Stream> SecureAsync(Stream stream)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(certificate);
        return secure;
    }

    private static async Task SayAsync(Stream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\n"));

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1]; // never beyond the line: what follows STARTTLS is not for this stream
        while (await stream.ReadAsync(one, stopping.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }
}
