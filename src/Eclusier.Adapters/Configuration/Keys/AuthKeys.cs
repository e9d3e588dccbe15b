using System.Text.RegularExpressions;
using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>auth</c>.</summary>
internal static partial class AuthKeys
{
    public static readonly Key<Secret> Token = new("token", new SecretFormat("an access token"))
    {
        Description = "An access token (or password) for an `https://` repository. Don't write it here: take it from the environment, or use `token_file`.",
        Example = "token: ${GIT_TOKEN}",
    };

    public static readonly Key<string> TokenFile = new("token_file", new HostFileFormat("a file that holds an access token"))
    {
        Description = "A file that holds the access token. It is read each time it is needed, so a replaced token counts at once.",
        Example = "token_file: /etc/eclusier/shop.token",
    };

    public static readonly DefaultedKey<string> UserName = new("username", new TextFormat("a user name without ':'", NoColon()), "x-access-token")
    {
        Description = "The user name that goes with the token. The default suits GitHub; GitLab takes any, Bitbucket `x-token-auth`.",
        Example = "username: deploy",
    };

    public static readonly Key<string> SshKeyFile = new("ssh_key_file", new HostFileFormat("a file that holds an SSH private key"))
    {
        Description = "An SSH private key without a passphrase, for an `ssh://` or `user@host:path` repository. A read-only deploy key is best.",
        Example = "ssh_key_file: /etc/eclusier/shop.key",
    };

    public static readonly Key<string> KnownHostsFile = new("known_hosts_file", new HostFileFormat("a known_hosts file"))
    {
        Description = "The server's public keys, as `ssh-keyscan` prints them. An unknown or changed server key is always refused.",
        Otherwise = "ssh's own known hosts",
        Example = "known_hosts_file: /etc/eclusier/known_hosts",
    };

    public static readonly Group<SourceCredential> Group = new(
        "auth",
        [Token, TokenFile, UserName, SshKeyFile, KnownHostsFile],
        [
            new KeyRule.OneOf(IsRequired: true, Token, TokenFile, SshKeyFile),
            new KeyRule.OnlyWith(UserName, Token, TokenFile),
            new KeyRule.OnlyWith(KnownHostsFile, SshKeyFile),
        ],
        Build);

    private static SourceCredential? Build(GroupReading reading) =>
        reading.Find(Token) is { } token ? new SourceCredential.Token(reading.Value(UserName), new SecretSource.Value(token))
        : reading.Find(TokenFile) is { } file ? new SourceCredential.Token(reading.Value(UserName), new SecretSource.File(file))
        : reading.Find(SshKeyFile) is { } key ? new SourceCredential.SshKey(key, reading.Find(KnownHostsFile))
        : null;

    [GeneratedRegex("^[^:]+$")]
    private static partial Regex NoColon();
}
