using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>A stack as far as it could be read, with its places in the file for the checks between stacks.</summary>
/// <param name="Stack"><c>null</c> when something it cannot be without is missing or wrong.</param>
internal sealed record StackEntry(GroupReading Reading, Stack? Stack)
{
    public string Project => Reading.Find(StackKeys.Project) ?? Reading.Field.Name;

    public static StackEntry Build(GroupReading reading)
    {
        CheckAuth(reading);
        CheckComposeFiles(reading);
        CheckCommitStatus(reading);
        return new StackEntry(reading, BuildStack(reading));
    }

    private static Stack? BuildStack(GroupReading reading)
    {
        if (reading.Find(StackKeys.Repository) is not { } repository || !StackName.TryParse(reading.Field.Name, out var name)) { return null; }

        var source = new Source(repository.Text, BuildSelector(reading))
        {
            Credential = reading.Find(StackKeys.Auth),
            History = reading.Value(StackKeys.History),
        };
        return new Stack(name, source)
        {
            Directory = reading.Value(StackKeys.Directory),
            ComposeFiles = [.. reading.Value(StackKeys.ComposeFiles).Select(file => file.Value)],
            EnvFiles = reading.Find(StackKeys.EnvFiles),
            Environment = new Dictionary<string, string>(reading.Value(StackKeys.Variables)),
            Profiles = reading.Value(StackKeys.Profiles),
            Project = reading.Find(StackKeys.Project) ?? name.Value,
            Checkout = reading.Find(StackKeys.Checkout),
            Images = reading.Value(StackKeys.Images),
            Registries = new Dictionary<string, RegistryAccess>(reading.Value(StackKeys.Registries)),
            Health = reading.Value(StackKeys.Health),
            OnFailure = reading.Value(StackKeys.OnFailure),
            UnsetVariables = reading.Value(StackKeys.Unset),
            Drift = reading.Value(StackKeys.Drift),
            Retain = reading.Value(StackKeys.Retain),
            CommitStatus = reading.Find(StackKeys.CommitStatus),
            Webhook = reading.Find(StackKeys.Webhook),
            Notify = [.. reading.Value(StackKeys.Notify).Select(notifier => notifier.Value)],
        };
    }

    private static RevisionSelector BuildSelector(GroupReading reading) =>
        reading.Find(StackKeys.Tag) is { } tag ? new RevisionSelector.Tag(tag)
        : reading.Find(StackKeys.Commit) is { } commit ? new RevisionSelector.Commit(CommitId.Parse(commit))
        : new RevisionSelector.Branch(reading.Find(StackKeys.Branch) ?? "main");

    private static void CheckAuth(GroupReading reading)
    {
        if (reading.Find(StackKeys.Repository) is not { } repository || reading.Find(StackKeys.Auth) is not { } credential) { return; }

        var auth = reading.FieldOf(StackKeys.Auth);
        switch (credential)
        {
            case SourceCredential.Token when repository.Transport is not (Transport.Https or Transport.Http):
                auth.FailAtKey($"a token is for an https:// repository, and this one is {Words(repository.Transport)}{(repository.Transport is Transport.Ssh ? "; use 'ssh_key_file'" : "")}");
                break;
            case SourceCredential.SshKey when repository.Transport is not Transport.Ssh:
                auth.FailAtKey($"an SSH key is for an ssh:// or user@host:path repository, and this one is {Words(repository.Transport)}{(repository.Transport is Transport.Https ? "; use 'token_file'" : "")}");
                break;
            case SourceCredential.Token when repository is { Transport: Transport.Http, IsLoopback: false }:
                reading.FieldOf(StackKeys.Repository).Fail("the token would go over the network unencrypted; use https://");
                break;
        }
    }

    private static void CheckComposeFiles(GroupReading reading)
    {
        var directory = reading.Value(StackKeys.Directory);
        foreach (var (path, field) in reading.Value(StackKeys.ComposeFiles))
        {
            if (path.StartsWith('/')) { field.Fail("expected a path relative to 'directory'"); }
            else if (RepositoryPath.Leaves(directory, path)) { field.Fail("is outside of the repository"); }
        }
    }

    private static void CheckCommitStatus(GroupReading reading)
    {
        if (reading.Find(StackKeys.CommitStatus) is not null && reading.Find(StackKeys.Repository) is { } repository && CommitLink.Parse(repository.Text) is null)
        {
            reading.FieldOf(StackKeys.CommitStatus).FailAtKey("the repository's address names no forge: it is neither https:// nor ssh://");
        }
    }

    private static string Words(Transport transport) => transport switch
    {
        Transport.Ssh => "read over SSH",
        Transport.Local => "on this host",
        _ => $"read over {transport.ToString().ToLowerInvariant()}://",
    };
}
