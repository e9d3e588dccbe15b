using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Eclusier.Core.Deployments;

namespace Eclusier.Api;

/// <summary>The certificate for HTTPS, from its files; renewed ones count at the next connection.</summary>
internal sealed partial class ServerCertificate
{
    /// <summary>How often the files are looked at, at most.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly TimeProvider timeProvider;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private (string Certificate, string Key) texts;
    private SslStreamCertificateContext current;
    private string? complaint;
    private long lookedAt;

    /// <exception cref="FailureException">Rejected: the files are not a certificate and its key.</exception>
    public ServerCertificate(string certificateFile, string keyFile, TimeProvider timeProvider, ILogger logger)
    {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
        this.timeProvider = timeProvider;
        this.logger = logger;
        try
        {
            texts = Read();
            current = Load(texts);
            lookedAt = timeProvider.GetTimestamp();
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw FailureException.Rejected($"api.certificate_file '{certificateFile}' and api.key_file '{keyFile}' cannot be used: {exception.Message}; expected a certificate and its key without a password, both in PEM", exception);
        }
    }

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (gate)
            {
                if (timeProvider.GetElapsedTime(lookedAt) >= LookEvery)
                {
                    lookedAt = timeProvider.GetTimestamp();
                    LookAgain();
                }

                return current;
            }
        }
    }

    private void LookAgain()
    {
        try
        {
            var found = Read();
            if (found == texts)
            {
                return;
            }

            current = Load(found);
            texts = found;
            complaint = null;
            Log.Renewed(logger, certificateFile, current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception exception) when (IsOfFiles(exception)) // maybe only one of the two is renewed yet
        {
            if (complaint != exception.Message)
            {
                complaint = exception.Message;
                Log.NotUsable(logger, certificateFile, keyFile, complaint);
            }
        }
    }

    private (string Certificate, string Key) Read() => (File.ReadAllText(certificateFile), File.ReadAllText(keyFile));

    private static SslStreamCertificateContext Load((string Certificate, string Key) texts)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(texts.Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(texts.Certificate, texts.Key), chain, offline: true);
    }

    private static bool IsOfFiles(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The certificate in {File} is new and counts from now on; it is valid until {Until:yyyy-MM-dd}")]
        public static partial void Renewed(ILogger logger, string file, DateTime until);

        [LoggerMessage(LogLevel.Error, "The certificate in {File} and the key in {KeyFile} have changed and cannot be used, the earlier ones stay: {Reason}")]
        public static partial void NotUsable(ILogger logger, string file, string keyFile, string reason);
    }
}
