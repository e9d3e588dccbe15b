using Eclusier.Adapters.Files;
using Eclusier.Adapters.Http;
using Eclusier.Core.Deployments;
using Eclusier.Core.Notifications;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Eclusier.Adapters.Notifications;

/// <summary>Mail, handed to a server by SMTP. Everything it needs is made when there is something to send, and gone afterwards.</summary>
internal sealed class MailNotifier(MailSettings settings, TimeProvider timeProvider, System.Net.Security.RemoteCertificateValidationCallback? validation = null) : INotifier
{
    public async Task TellAsync(Event told, CancellationToken cancellationToken)
    {
        using var mail = Write(told);
        using var client = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = validation ?? CertificateCheck.For(timeProvider) };
        try
        {
            await client.ConnectAsync(settings.Host, settings.Port, OptionsOf(settings.Security), cancellationToken);
            if (settings.UserName is { } name)
            {
                await client.AuthenticateAsync(name, settings.Password is null ? "" : Secrets.Read(settings.Password), cancellationToken);
            }

            await client.SendAsync(mail, cancellationToken);
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode >= 500 && exception.ErrorCode is SmtpErrorCode.MessageNotAccepted)
        {
            throw FailureException.Rejected($"{settings.Host} does not take the mail: {(int)exception.StatusCode} {exception.Message}", exception);
        }
        catch (AuthenticationException exception)
        {
            throw FailureException.Transient($"{settings.Host} refuses user name and password", exception);
        }
        catch (Exception exception) when (exception is SmtpCommandException or SmtpProtocolException or SslHandshakeException or System.Security.Authentication.AuthenticationException
            or System.Net.Sockets.SocketException or IOException or NotSupportedException)
        {
            throw FailureException.Transient($"{settings.Host}: {ConnectionTrouble.Describe(exception)}", exception);
        }
    }

    private MimeMessage Write(Event told)
    {
        var message = Message.Of(told);
        var mail = new MimeMessage
        {
            Subject = Message.Cut($"[eclusier] {message.Title}", 200),
            Date = told.At,
            MessageId = $"{told.Id}@eclusier", // the same at each try: who gets it twice can tell
            Body = new TextPart("plain") { Text = $"{message.Title}\n\n{new Markup.Plain().Write(message, 50_000)}\n" },
        };
        mail.From.Add(MailboxAddress.Parse(settings.From));
        mail.To.AddRange(settings.To.Select(MailboxAddress.Parse));
        mail.Headers.Add("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office answers
        return mail;
    }

    private static SecureSocketOptions OptionsOf(MailSecurity security) => security switch
    {
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };
}
