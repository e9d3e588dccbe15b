using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Eclusier.Adapters.Webhooks;

/// <summary>Whether a request comes from one who knows the secret: by the strongest proof that it brings along. A proof that is wrong is not made good by another.</summary>
/// <remarks>Nothing of the body is parsed here, and every comparison takes the same time wherever the difference is.</remarks>
public static class SenderCheck
{
    /// <summary>How far a signed time may be from this host's, both ways.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Sha256 = "sha256=";

    /// <summary>HMAC-SHA256 of the body in hexadecimal, with or without the algorithm's name before it.</summary>
    private static readonly string[] SignatureHeaders = ["X-Forgejo-Signature", "X-Gitea-Signature", "X-Hub-Signature-256", "X-Hub-Signature"];

    private static readonly string[] DeliveryHeaders =
        ["X-GitHub-Delivery", "X-Forgejo-Delivery", "X-Gitea-Delivery", "webhook-id", "X-Gitlab-Event-UUID", "Idempotency-Key", "X-Request-UUID", "X-Request-Id"];

    /// <param name="header">Gives a header, or <c>null</c>.</param>
    /// <param name="urlSecret">What the address itself holds as a secret, or <c>null</c>.</param>
    public static SenderProof Check(Func<string, string?> header, string? urlSecret, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        if (header("webhook-signature") is { Length: > 0 } standard)
        {
            return CheckStandard(standard, header, body, secret, now);
        }

        foreach (var name in SignatureHeaders)
        {
            if (header(name) is { Length: > 0 } signature && !IsOld(signature))
            {
                var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
                return AreEqual(signature.StartsWith(Sha256, StringComparison.OrdinalIgnoreCase) ? signature[Sha256.Length..].ToLowerInvariant() : signature.ToLowerInvariant(), expected)
                    ? Genuine(expected, header)
                    : SenderProof.Wrong;
            }
        }

        return header("X-Gitlab-Token") is { Length: > 0 } token ? Plain(token)
            : header("Authorization") is { Length: > 0 } authorization ? Plain(CredentialOf(authorization))
            : urlSecret is { Length: > 0 } ? Plain(urlSecret)
            : SenderProof.Missing;

        SenderProof Plain(string given) => AreEqual(given, secret) ? Genuine(null, header) : SenderProof.Wrong;
    }

    /// <summary>GitLab's signing token, and others that keep to standardwebhooks.com: the id and the time are signed with the body.</summary>
    private static SenderProof CheckStandard(string signatures, Func<string, string?> header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        const string Prefix = "whsec_";
        if (header("webhook-id") is not { Length: > 0 } id || header("webhook-timestamp") is not { Length: > 0 } time
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return SenderProof.Wrong;
        }

        var key = new byte[secret.Length];
        var length = 0;
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal) || !Convert.TryFromBase64String(secret[Prefix.Length..], key, out length))
        {
            key = Encoding.UTF8.GetBytes(secret);
            length = key.Length;
        }

        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.AsSpan(0, length));
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{time}."));
        hash.AppendData(body);
        var expected = $"v1,{Convert.ToBase64String(hash.GetHashAndReset())}";
        var isKnown = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(8)) // several while a secret is exchanged
        {
            isKnown |= AreEqual(signature, expected);
        }

        return !isKnown ? SenderProof.Wrong
            : Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds) > (decimal)Tolerance.TotalSeconds ? SenderProof.OutOfTime
            : Genuine(expected, header);
    }

    /// <summary>Forges that know a better one still send it beside.</summary>
    private static bool IsOld(string signature) => signature.StartsWith("sha1=", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>Bearer SECRET</c>, <c>Basic</c> with the secret as password, or the secret itself.</summary>
    private static string CredentialOf(string authorization)
    {
        var space = authorization.IndexOf(' ');
        var (scheme, rest) = space < 0 ? ("", authorization) : (authorization[..space], authorization[(space + 1)..].Trim());
        if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            var bytes = new byte[rest.Length];
            var pair = Convert.TryFromBase64String(rest, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
            return pair[(pair.IndexOf(':') + 1)..];
        }

        return scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? rest : authorization;
    }

    /// <summary>By their hashes, so that the length tells nothing either.</summary>
    private static bool AreEqual(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));

    private static SenderProof Genuine(string? signature, Func<string, string?> header)
    {
        var delivery = DeliveryHeaders.Select(header).FirstOrDefault(id => id is { Length: > 0 and < 200 });
        return new SenderProof(ProofKind.Genuine, [.. new[] { signature, delivery is null ? null : $"id {delivery}" }.OfType<string>()]);
    }
}

/// <summary>What a request's proof is worth.</summary>
/// <param name="Marks">By which the same delivery is known again: its signature, which covers the body, and its id; empty: there is nothing to know it by.</param>
public sealed record SenderProof(ProofKind Kind, IReadOnlyList<string> Marks)
{
    public static SenderProof Missing { get; } = new(ProofKind.Missing, []);

    public static SenderProof Wrong { get; } = new(ProofKind.Wrong, []);

    public static SenderProof OutOfTime { get; } = new(ProofKind.OutOfTime, []);
}

/// <summary>Kinds of proof.</summary>
public enum ProofKind
{
    Genuine,
    Missing,
    Wrong,

    /// <summary>Rightly signed, but too long ago, or by a clock that is wrong.</summary>
    OutOfTime,
}
