using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Eclusier.Core.Access;

/// <summary>A token that was given to somebody, without its text, which nobody keeps.</summary>
/// <param name="Id">Never given twice, unlike a name.</param>
/// <param name="LastUsedAt">To the hour.</param>
/// <param name="ExpiresAt"><c>null</c>: never.</param>
public sealed record Token(long Id, string Name, Role Role, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt)
{
    private const string Prefix = "ecl_"; // so that scanners for leaked secrets can know it
    private const int Bytes = 32;

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>A new token's text: the only time that it exists here.</summary>
    public static string NewText() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of a token's text. It is random and long, so that a plain hash cannot be turned round.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
