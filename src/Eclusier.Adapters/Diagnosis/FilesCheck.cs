using Eclusier.Adapters.Files;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The configuration's file and the secrets' files: only those can read and write them who should.</summary>
public sealed class FilesCheck(AgentSettings settings, string configuration) : Check("files")
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    public override string Remedy => "look at the rights of the files that the configuration names: `ls -l`";

    public override Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var secrets = SecretFiles().DistinctBy(secret => secret.Path).ToList();
        var findings = new List<CheckResult>();
        if ((ModeOf(configuration) & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
        {
            findings.Add(Problem("others than its owner may change the configuration, and so say what runs on this host", $"`chmod go-w {configuration}`", configuration));
        }

        foreach (var (path, isKey) in secrets)
        {
            if (!Rights.MayRead(path))
            {
                findings.Add(Problem($"the secret cannot be read by {Environment.UserName}", $"`chown {Environment.UserName} {path} && chmod 600 {path}`", path));
            }
            else if ((ModeOf(path) & (isKey ? Group | Others : Others)) != 0)
            {
                findings.Add(Problem(isKey ? "ssh refuses a private key that others can read" : "everybody on this host can read the secret", $"`chmod 600 {path}`", path));
            }
            else if (new FileInfo(path).Length == 0)
            {
                findings.Add(Problem("the file of a secret is empty", $"write the secret into {path}", path));
            }
        }

        return Task.FromResult<IReadOnlyList<CheckResult>>(findings.Count > 0 ? findings : [Ok(secrets.Count == 0 ? $"{configuration} is changed by its owner only" : $"{configuration} and {secrets.Count} secret{(secrets.Count == 1 ? "" : "s")}: only for those they are meant for")]);
    }

    private static UnixFileMode ModeOf(string path) => File.Exists(path) ? File.GetUnixFileMode(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path) : UnixFileMode.None;

    private IEnumerable<(string Path, bool IsKey)> SecretFiles()
    {
        foreach (var key in settings.Stacks.Select(stack => stack.Source.Credential).OfType<SourceCredential.SshKey>())
        {
            yield return (key.KeyFile, true);
        }

        if (settings.Api.KeyFile is { } certificateKey)
        {
            yield return (certificateKey, false);
        }

        foreach (var file in Secrets().OfType<SecretSource.File>())
        {
            yield return (file.Path, false);
        }
    }

    private IEnumerable<SecretSource?> Secrets() =>
    [
        .. settings.Stacks.Select(stack => stack.Source.Credential).OfType<SourceCredential.Token>().Select(token => token.Password),
        .. settings.Stacks.SelectMany(stack => stack.Registries.Values).SelectMany(access => new[] { access.Password, access.IdentityToken }),
        .. settings.Stacks.Select(stack => stack.CommitStatus?.Token),
        .. settings.Notifiers.SelectMany(OfNotifier),
        settings.Heartbeat?.Url,
    ];

    private static IEnumerable<SecretSource?> OfNotifier(NotifierSettings notifier) => [notifier.Url, notifier.Token, notifier.Secret, notifier.Mail?.Password];
}
