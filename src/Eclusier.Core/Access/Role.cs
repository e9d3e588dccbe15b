namespace Eclusier.Core.Access;

/// <summary>What somebody may do; each may what those before it may.</summary>
public enum Role
{
    /// <summary>See everything: status, history, plans, logs, metrics.</summary>
    Read,

    /// <summary>Deploy, roll back, retry, suspend, resume, have a stack checked.</summary>
    Operate,

    /// <summary>Give and take away tokens, read the audit, test notifiers.</summary>
    Admin,
}
