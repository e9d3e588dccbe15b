using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Git;

/// <summary>What a git call over the network is told about signing in, for the length of that call.</summary>
/// <remarks>A token reaches git by a file that our askpass script reads: never by an argument, an address, a setting or a variable.</remarks>
internal sealed class GitAccess : IDisposable
{
    private readonly string? secretFile;

    private GitAccess(GitAddress address, string? secretFile = null) => (Address, this.secretFile) = (address, secretFile);

    public GitAddress Address { get; }

    public Dictionary<string, string?> Environment { get; } = [];

    public List<(string Name, string Value)> Settings { get; } = [];

    /// <exception cref="FailureException">Rejected: a configured file is missing, unreadable or empty.</exception>
    public static GitAccess For(Source source, GitHome home, GitLimits limits)
    {
        var address = new GitAddress(source.Repository);
        var access = source.Credential switch
        {
            SourceCredential.Token token => WithToken(address, token, home),
            SourceCredential.SshKey key => WithKey(address, key, home, limits.Connect),
            _ => new GitAccess(address)
            {
                // GIT_SSH, not GIT_SSH_COMMAND: a core.sshCommand of the user's counts where we were told nothing better
                Environment = { ["GIT_SSH"] = home.Ssh, ["ECLUSIER_SSH_CONFIG"] = home.SshConfig(null, null, limits.Connect) },
            },
        };
        access.Environment["GIT_SSH_VARIANT"] = "ssh";
        if (address.LocalPath is { } path)
        {
            home.Trust(path);
            access.Settings.Add(("protocol.file.allow", "always")); // git refuses local submodules, which a local repository's may well be
        }

        return access;
    }

    /// <summary>The token as it is given, and the file that it is given in.</summary>
    /// <exception cref="FailureException">Rejected: the file is missing, unreadable or empty.</exception>
    public static (string? File, string Text) SecretOf(SourceCredential.Token token) => token.Password switch
    {
        SecretSource.File file => (file.Path, TextOf(file.Path, "token file")),
        SecretSource.Value value => (null, value.Secret.Reveal()),
        _ => throw new InvalidOperationException("a new kind of secret"),
    };

    public void Dispose()
    {
        if (secretFile is not null)
        {
            File.Delete(secretFile);
        }
    }

    private static GitAccess WithToken(GitAddress address, SourceCredential.Token token, GitHome home)
    {
        if (address.HttpOrigin is not { } origin)
        {
            throw FailureException.Rejected($"{address.Display} cannot be read with a token: that needs an http:// or https:// address");
        }

        var (given, secret) = SecretOf(token);
        // the token file itself, where white space around the token does not stand in the way
        var passwordFile = given is not null && secret.TrimEnd('\n') == secret.Trim() ? given : home.WriteSecret(secret.Trim());
        return new GitAccess(address, passwordFile == given ? null : passwordFile)
        {
            Environment =
            {
                ["GIT_ASKPASS"] = home.AskPass,
                ["ECLUSIER_GIT_SCHEME"] = origin.Scheme,
                ["ECLUSIER_GIT_HOST"] = origin.Host,
                ["ECLUSIER_GIT_USER"] = token.UserName,
                ["ECLUSIER_GIT_PASSWORD_FILE"] = passwordFile,
            },
            Settings = { ("credential.helper", ""), ("credential.useHttpPath", "false") },
        };
    }

    private static GitAccess WithKey(GitAddress address, SourceCredential.SshKey key, GitHome home, TimeSpan connectTimeout)
    {
        TextOf(key.KeyFile, "ssh key file");
        if (key.KnownHostsFile is not null && !File.Exists(key.KnownHostsFile))
        {
            throw FailureException.Rejected($"the known hosts file {key.KnownHostsFile} does not exist");
        }

        return new GitAccess(address)
        {
            Environment =
            {
                // git gives this to a shell, so that it may hold arguments; ours is a quoted path and nothing else
                ["GIT_SSH_COMMAND"] = $"'{home.Ssh.Replace("'", "'\\''")}'",
                ["ECLUSIER_SSH_CONFIG"] = home.SshConfig(key.KeyFile, key.KnownHostsFile, connectTimeout),
            },
        };
    }

    private static string TextOf(string path, string title)
    {
        try
        {
            return File.ReadAllText(path) is var text && text.Trim().Length > 0 ? text : throw FailureException.Rejected($"the {title} {path} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FailureException.Rejected($"the {title} {path} cannot be read: {exception.Message}", exception);
        }
    }
}
