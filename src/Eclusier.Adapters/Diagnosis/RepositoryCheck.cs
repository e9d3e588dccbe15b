using Eclusier.Adapters.Git;
using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>A stack's repository: it answers, with the credentials that the daemon would use, and has what is followed.</summary>
public sealed class RepositoryCheck(Stack stack, ISourceReader sources) : Check("repository", stack.Name.Value)
{
    private string Address => new GitAddress(stack.Source.Repository).Display;

    public override string Remedy => $"look whether {Address} can be reached from this host: the address, DNS, a proxy, a firewall";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = await sources.ReadHeadAsync(stack.Source, cancellationToken);
            return [Ok(stack.Source.Selector is RevisionSelector.Commit ? $"{Address}: stays at {head.Commit.Short}" : $"{Address}: {head.RefName} is at {head.Commit.Short}")];
        }
        catch (FailureException exception) when (exception.Kind is FailureKind.Rejected)
        {
            return [Problem(exception.Message, exception.Failure.Evidence is [] ? SelectorRemedy : GitFailures.IsAboutAccess(exception.Failure) ? AccessRemedy : Remedy)];
        }
    }

    private string SelectorRemedy => $"put `repository` or `{stack.Source.Selector switch { RevisionSelector.Branch => "branch", RevisionSelector.Tag => "tag", _ => "commit" }}` of stack {stack.Name} right";

    private string AccessRemedy => stack.Source.Credential switch
    {
        SourceCredential.Token { Password: SecretSource.File file } => $"put a token that may read the repository into {file.Path}: this one is wrong, has expired, or has no right to it",
        SourceCredential.Token => $"set `auth: {{ token_file: … }}` of stack {stack.Name} to a file with a token that may read the repository",
        SourceCredential.SshKey key => $"give the public half of {key.KeyFile} to the repository as a read-only deploy key, and check the host's key: `ssh-keyscan HOST` and {key.KnownHostsFile ?? "~/.ssh/known_hosts"}",
        _ when new GitAddress(stack.Source.Repository).HttpOrigin is not null => $"if it is private: put an access token into a file, `chmod 600` it, and set `auth: {{ token_file: … }}` of stack {stack.Name}",
        _ => $"set `auth: {{ ssh_key_file: …, known_hosts_file: … }}` of stack {stack.Name}, and give the key to the repository as a read-only deploy key",
    };
}
