using System.Security.Cryptography;
using System.Text;
using Eclusier.Adapters.Files;

namespace Eclusier.Adapters.Git;

/// <summary>What git needs from us in files: two small scripts that answer for it, and settings of its own.</summary>
/// <remarks>None of them holds a secret. They are written before their first use, and again when someone changed them.</remarks>
internal sealed class GitHome(string stateDirectory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // The one server that the password is meant for gets it: a submodule of another host must not. git writes the host last in its
    // question, after a user name that may hold anything; git-lfs asks with a whole, properly escaped address.
    private const string AskPassScript = """
        #!/bin/sh
        scheme=$ECLUSIER_GIT_SCHEME host=$ECLUSIER_GIT_HOST
        case "$1" in
        "Username for '$scheme://$host': ") ;;
        "Password for '$scheme://$host': ") ;;
        "Password for '$scheme://"*"@$host': ") ;;
        "Username for \"$scheme://"* | "Password for \"$scheme://"*)
            authority=${1#*\"$scheme://}
            authority=${authority%%[/\"]*}
            [ "${authority##*@}" = "$host" ] || exit 1 ;;
        *) exit 1 ;;
        esac
        case "$1" in
        Username*) printf '%s\n' "$ECLUSIER_GIT_USER" ;;
        *) cat "$ECLUSIER_GIT_PASSWORD_FILE" ;;
        esac

        """;

    private const string SshScript = """
        #!/bin/sh
        exec ssh -F "$ECLUSIER_SSH_CONFIG" "$@"

        """;

    private readonly Lock gate = new();
    private readonly SortedSet<string> trusted = new(StringComparer.Ordinal);
    private bool isWritten;

    public string StateDirectory { get; } = stateDirectory;

    public string AskPass => Path.Combine(Bin, "git-askpass");

    public string Ssh => Path.Combine(Bin, "git-ssh");

    /// <summary>For <c>GIT_CONFIG_GLOBAL</c>: the user's own settings, and the folders that may belong to somebody else.</summary>
    public string ConfigFile => Path.Combine(StateDirectory, "gitconfig");

    private string Bin => Path.Combine(StateDirectory, "bin");

    /// <summary>Where the agent's user is at home, also when the service manager does not say so.</summary>
    public static string UserHome => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public void Prepare()
    {
        lock (gate)
        {
            if (!isWritten || !File.Exists(ConfigFile) || !File.Exists(AskPass) || !File.Exists(Ssh))
            {
                Directory.CreateDirectory(Bin, OwnerOnly | UnixFileMode.UserExecute);
                WriteFile.Atomically(AskPass, AskPassScript, OwnerOnly | UnixFileMode.UserExecute);
                WriteFile.Atomically(Ssh, SshScript, OwnerOnly | UnixFileMode.UserExecute);
                WriteFile.Atomically(ConfigFile, Settings(), OwnerOnly);
                isWritten = true;
            }
        }
    }

    /// <summary>Lets git work in a configured repository that belongs to another user (its "dubious ownership"), and in no other.</summary>
    public void Trust(string folder)
    {
        var full = Path.GetFullPath(folder).TrimEnd('/');
        if (IsOwn(full) && IsOwn(full + "/.git"))
        {
            return; // each git that starts reads the whole list: with the folders of a thousand stacks it would take two milliseconds instead of one
        }

        lock (gate)
        {
            var real = new DirectoryInfo(full) is { Exists: true } directory && directory.ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : full;
            var added = false;
            foreach (var path in new[] { full, real })
            {
                // a server's side (upload-pack) is asked about the .git folder, all else about the work tree
                added |= trusted.Add(path) | trusted.Add(path + "/.git");
            }

            isWritten &= !added;
        }
    }

    /// <summary>A configuration file for ssh: never asks, never accepts an unknown host key; the user's own settings come after ours.</summary>
    /// <param name="keyFile"><c>null</c>: whatever keys the user's ssh would try.</param>
    public string SshConfig(string? keyFile, string? knownHostsFile, TimeSpan connectTimeout)
    {
        var text = new StringBuilder($"""
            Host *
              BatchMode yes
              StrictHostKeyChecking yes
              UpdateHostKeys no
              ConnectTimeout {Math.Max(1, (int)connectTimeout.TotalSeconds)}
              ServerAliveInterval 15
              ControlMaster no
              ControlPath none

            """);
        if (keyFile is not null)
        {
            text.Append($"  IdentityFile {SshQuoted(keyFile)}\n  IdentitiesOnly yes\n");
        }

        if (knownHostsFile is not null)
        {
            text.Append($"  UserKnownHostsFile {SshQuoted(knownHostsFile)}\n  GlobalKnownHostsFile none\n");
        }

        text.Append($"Match all\n  Include {SshQuoted(Path.Combine(UserHome, ".ssh/config"))}\n  Include /etc/ssh/ssh_config\n");
        var content = text.ToString();
        var file = Path.Combine(Bin, $"ssh-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..16]}.conf");
        Prepare();
        lock (gate) // stacks that begin at the same moment need the same file
        {
            if (!File.Exists(file) || File.ReadAllText(file) != content)
            {
                WriteFile.Atomically(file, content, OwnerOnly);
            }
        }

        return file;
    }

    /// <summary>A fresh file that only the agent's user may read; the caller deletes it.</summary>
    public string WriteSecret(string secret)
    {
        Prepare();
        var file = Path.Combine(Bin, $".secret-{Guid.NewGuid():n}");
        WriteFile.Atomically(file, secret + "\n", OwnerOnly);
        return file;
    }

    /// <summary>Deletes what a killed agent could not; no call lasts long enough to still need a file from before <paramref name="moment"/>.</summary>
    public void DeleteSecretsBefore(DateTimeOffset moment)
    {
        if (Directory.Exists(Bin))
        {
            foreach (var file in Directory.EnumerateFiles(Bin, ".secret-*").Where(file => File.GetLastWriteTimeUtc(file) < moment.UtcDateTime))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>A folder of this process's own user's, or nothing yet. What leads elsewhere is none: a link, or the file <c>.git</c> of a linked work tree.</summary>
    private static bool IsOwn(string path)
    {
        try
        {
            return FileStatus.Of(path, follow: false) is not { } there || (there.Owner.User == FileOwner.CurrentUser && there.IsFolder);
        }
        catch (IOException)
        {
            return false; // git says why
        }
    }

    private string Settings()
    {
        var text = new StringBuilder("# written by eclusier; changes are lost\n[include]\n");
        foreach (var own in new[] { ".config/git/config", ".gitconfig" }) // in git's own order; a missing file is skipped by git
        {
            text.Append($"\tpath = {GitQuoted(Path.Combine(UserHome, own))}\n");
        }

        text.Append("[safe]\n");
        foreach (var path in trusted)
        {
            text.Append($"\tdirectory = {GitQuoted(path)}\n");
        }

        return text.ToString();
    }

    private static string GitQuoted(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";

    /// <summary>ssh splits at spaces, and expands <c>%</c>.</summary>
    private static string SshQuoted(string path) => $"\"{path.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%")}\"";
}
