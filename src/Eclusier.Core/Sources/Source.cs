using Eclusier.Core.Stacks;

namespace Eclusier.Core.Sources;

/// <summary>Where a stack's desired state lives: a repository and what to follow in it.</summary>
/// <param name="Repository">An <c>https://</c>, <c>http://</c>, <c>ssh://</c>, <c>git://</c> or <c>file://</c> URL, an scp-like <c>user@host:path</c>, or an absolute local path. Never holds a password.</param>
public sealed record Source(string Repository, RevisionSelector Selector)
{
    public SourceCredential? Credential { get; init; }

    public HistoryRule History { get; init; } = HistoryRule.RewriteAllowed;
}

/// <summary>What is followed in a repository.</summary>
public abstract record RevisionSelector
{
    private RevisionSelector() { }

    /// <summary>The tip of a branch.</summary>
    public sealed record Branch(string Name) : RevisionSelector { public override string ToString() => Name; }

    /// <summary>The newest semantic version among the tags that match a pattern (<c>*</c> and <c>?</c> as in a shell), for example <c>v*</c>.</summary>
    public sealed record Tag(string Pattern) : RevisionSelector { public override string ToString() => Pattern; }

    /// <summary>One fixed commit (40 hexadecimal digits).</summary>
    public sealed record Commit(CommitId Id) : RevisionSelector
    {
        /// <summary>What it points to, without a question to anybody.</summary>
        public Head Head => new(Id.Short, Id);

        public override string ToString() => Id.Short;
    }
}

/// <summary>What to do when the new commit does not descend from the deployed one.</summary>
public enum HistoryRule
{
    /// <summary>Follow it, with a warning.</summary>
    RewriteAllowed,

    /// <summary>Reject it.</summary>
    FastForwardOnly,
}

/// <summary>How to sign in to a repository.</summary>
public abstract record SourceCredential
{
    private SourceCredential() { }

    /// <summary>HTTP(S) basic authentication, usually with an access token as password.</summary>
    public sealed record Token(string UserName, SecretSource Password) : SourceCredential;

    /// <summary>An SSH private key; the server's key must be in <paramref name="KnownHostsFile"/> (<c>null</c>: ssh's own known hosts, still strictly checked).</summary>
    public sealed record SshKey(string KeyFile, string? KnownHostsFile) : SourceCredential;
}
