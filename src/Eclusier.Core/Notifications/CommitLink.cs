using System.Text.RegularExpressions;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Notifications;

/// <summary>Where a commit can be looked at in a browser, as far as the repository's address tells.</summary>
public static partial class CommitLink
{
    /// <returns><c>null</c> when the forge is not known.</returns>
    public static string? For(string repository, CommitId commit)
    {
        if (commit == CommitId.None || Parse(repository) is not var (host, path))
        {
            return null;
        }

        // each forge's own form of the address
        return host switch
        {
            "github.com" or "codeberg.org" => $"https://{host}/{path}/commit/{commit}",
            "bitbucket.org" => $"https://{host}/{path}/commits/{commit}",
            "dev.azure.com" => $"https://{host}/{path}/commit/{commit}",
            _ when Named(host, "gitlab") => $"https://{host}/{path}/-/commit/{commit}",
            _ when Named(host, "gitea") || Named(host, "forgejo") || Named(host, "github") => $"https://{host}/{path}/commit/{commit}",
            _ => null,
        };
    }

    /// <summary>Host and path of a repository at a forge: <c>github.com</c>, <c>ada/shop</c>.</summary>
    public static (string Host, string Path)? Parse(string repository)
    {
        var match = Address().Match(repository);
        return match.Success ? (match.Groups["host"].Value.ToLowerInvariant(), match.Groups["path"].Value) : null;
    }

    private static bool Named(string host, string forge) => host.Split('.').Any(label => label == forge || label.StartsWith($"{forge}-", StringComparison.Ordinal));

    // https://host[:port]/path[.git], ssh://user@host[:port]/path, user@host:path; a port of SSH is none of the browser's
    [GeneratedRegex(@"^(?:(?:https?://(?:[^/@]*@)?(?<host>[^/:@]+(?::[0-9]+)?)/)|(?:ssh://(?:[^/@]*@)?(?<host>[^/:@]+)(?::[0-9]+)?/)|(?:[^/@]+@(?<host>[^/:]+):/?))(?<path>[^?#]+?)(?:\.git)?/?$")]
    private static partial Regex Address();
}
