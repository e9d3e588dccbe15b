using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Reading;

namespace Eclusier.Adapters.Configuration.Formats;

/// <summary>How a repository is reached.</summary>
internal enum Transport
{
    Https,
    Http,
    Ssh,
    Git,
    Local,
}

internal sealed record RepositoryAddress(string Text, Transport Transport, bool IsLoopback);

/// <summary>A repository's address, without any password; no message quotes it, since it may hold one.</summary>
internal sealed partial class RepositoryFormat : ScalarFormat<RepositoryAddress>
{
    public override string Noun => "an https://, http://, ssh://, git:// or file:// URL, user@host:path, or an absolute path";

    public override string Type => "repository address";

    protected override bool MayBeShown => false;

    protected override JsonObject ToOwnSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = "^(https?://[^/@]+/|ssh://|git://|file:///|/|[A-Za-z0-9][A-Za-z0-9._-]*@)",
    };

    protected override Reading<RepositoryAddress> Parse(string text, string written, Field field)
    {
        if (text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)))
        {
            return Reading<RepositoryAddress>.Wrong("a repository address has no spaces or line breaks");
        }

        return text.Contains("://", StringComparison.Ordinal) ? ParseUrl(text)
            : text.StartsWith('/') ? new Reading<RepositoryAddress>(new RepositoryAddress(text, Transport.Local, true))
            : ScpLike().IsMatch(text) ? new Reading<RepositoryAddress>(new RepositoryAddress(text, Transport.Ssh, false))
            : Reading<RepositoryAddress>.Wrong($"expected {Noun}");
    }

    private Reading<RepositoryAddress> ParseUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || TransportOf(url) is not { } transport)
        {
            return Reading<RepositoryAddress>.Wrong($"expected {Noun}");
        }

        // A bare user name of an HTTPS address usually is a token.
        if (url.UserInfo.Contains(':', StringComparison.Ordinal) || (transport is not Transport.Ssh && url.UserInfo.Length > 0))
        {
            return Reading<RepositoryAddress>.Wrong("a repository address must not hold a password or token; put it under 'auth' (token_file, token or ssh_key_file)");
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            return Reading<RepositoryAddress>.Wrong("a repository address has no query ('?') and no fragment ('#')");
        }

        var isComplete = url.AbsolutePath.Length > 1 && (transport is Transport.Local ? url.Host.Length == 0 : url.Host.Length > 0 && url.Host[0] != '-');
        return isComplete
            ? new Reading<RepositoryAddress>(new RepositoryAddress(text, transport, url.IsLoopback))
            : Reading<RepositoryAddress>.Wrong(transport is Transport.Local ? "expected file:// and an absolute path" : "expected a host and the repository's path");
    }

    private static Transport? TransportOf(Uri url) => url.Scheme switch
    {
        "https" => Transport.Https,
        "http" => Transport.Http,
        "ssh" => Transport.Ssh,
        "git" => Transport.Git,
        "file" => Transport.Local,
        _ => null,
    };

    // Neither user nor host may begin with '-' (an option for ssh), nor the path with ':' (a git remote helper).
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^:].*$")]
    private static partial Regex ScpLike();
}
