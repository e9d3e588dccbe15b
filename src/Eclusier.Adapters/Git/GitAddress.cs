using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Git;

/// <summary>A repository's address, and what follows from it.</summary>
internal sealed partial record GitAddress
{
    public GitAddress(string text)
    {
        Text = text;
        LocalPath = text.StartsWith('/') ? text
            : text.StartsWith("file://", StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(text["file://".Length..])
            : null;
    }

    /// <summary>As git is given it.</summary>
    public string Text { get; }

    /// <summary>The folder, when the repository is on this machine; else <c>null</c>.</summary>
    public string? LocalPath { get; }

    /// <summary>For messages: without user name and password.</summary>
    public string Display => WithoutCredentials(Text);

    /// <summary>Equal for the spellings of one address; names the mirror's folder.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normalized)))[..16];

    /// <summary><c>http</c> or <c>https</c> and host with port, as git writes them when it asks for a password; <c>null</c> for other transports.</summary>
    public (string Scheme, string Host)? HttpOrigin =>
        HttpRule().Match(Text) is { Success: true } match ? (match.Groups["scheme"].Value.ToLowerInvariant(), match.Groups["host"].Value) : null;

    /// <summary>Takes user names and passwords out of the HTTP addresses in a text, and passwords out of all others.</summary>
    public static string WithoutCredentials(string text) =>
        PasswordRule().Replace(HttpUserRule().Replace(text, "$1"), "$1@");

    private string Normalized
    {
        get
        {
            var text = LocalPath ?? Text;
            if (HttpRule().Match(text) is { Success: true } match)
            {
                text = $"{match.Groups["scheme"].Value}://{match.Groups["host"].Value}".ToLowerInvariant() + text[match.Length..];
            }

            text = text.TrimEnd('/');
            return text.EndsWith(".git", StringComparison.Ordinal) ? text[..^4].TrimEnd('/') : text;
        }
    }

    [GeneratedRegex("^(?<scheme>https?)://([^/]*@)?(?<host>[^/@]+)", RegexOptions.IgnoreCase)]
    private static partial Regex HttpRule();

    [GeneratedRegex(@"(https?://)[^/\s@']*@", RegexOptions.IgnoreCase)]
    private static partial Regex HttpUserRule();

    [GeneratedRegex(@"([a-z][a-z0-9+.-]*://[^/\s@':]*):[^/\s@']*@", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordRule();
}
