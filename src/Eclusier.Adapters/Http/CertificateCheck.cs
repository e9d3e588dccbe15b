using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Eclusier.Adapters.Http;

/// <summary>Says exactly what is wrong with a server's certificate: "untrusted" alone sends people the wrong way.</summary>
public static class CertificateCheck
{
    /// <summary>For what the user said may show any certificate: <c>tls: insecure</c>, a registry on the engine's insecure list.</summary>
#pragma warning disable CA5359 // that is the point of it
    public static RemoteCertificateValidationCallback AcceptsAny { get; } = static (_, _, _, _) => true;
#pragma warning restore CA5359

    /// <summary>A callback that accepts what the system trusts, and else ends the handshake with the reason.</summary>
    /// <param name="authorities">More authorities to trust, asked at each handshake so that a changed file counts at once.</param>
    public static RemoteCertificateValidationCallback For(TimeProvider timeProvider, Func<X509Certificate2Collection>? authorities = null) =>
        (sender, certificate, chain, errors) =>
        {
            if (errors == SslPolicyErrors.None)
            {
                return true;
            }

            var presented = certificate as X509Certificate2;
            if (presented is not null && authorities is not null && IsIssuedBy(authorities(), presented, chain))
            {
                errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
            }

            return errors == SslPolicyErrors.None ? true : throw new CertificateException(Describe(errors, presented, chain, (sender as SslStream)?.TargetHostName ?? "this host", timeProvider.GetUtcNow()));
        };

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? presented)
    {
        if (authorities.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in presented?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }

    private static string Describe(SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? chain, string host, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return "certificate: the server presented none";
        }

        var problems = new List<string>();
        if (certificate.NotAfter.ToUniversalTime() < now)
        {
            problems.Add($"expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
        }
        else if (certificate.NotBefore.ToUniversalTime() > now)
        {
            problems.Add($"not valid before {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd}");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add($"name mismatch: it is for {NamesOf(certificate)}, not for {host}");
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            problems.Add(certificate.Subject == certificate.Issuer ? "self-signed" : $"issued by an authority that is not trusted here ({certificate.Issuer})");
        }

        if ((status & X509ChainStatusFlags.Revoked) != 0)
        {
            problems.Add("revoked");
        }

        return $"certificate: {(problems.Count > 0 ? string.Join(", ", problems) : $"not accepted ({status})")}";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var names = alternatives?.EnumerateDnsNames().Concat(alternatives.EnumerateIPAddresses().Select(address => address.ToString())).Take(5).ToList() ?? [];
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }
}

/// <summary>A server's certificate was not accepted; the message says why.</summary>
public sealed class CertificateException(string message) : AuthenticationException(message);
