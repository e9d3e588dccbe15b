namespace Eclusier.Core.Diagnosis;

/// <summary>How much a finding matters.</summary>
public enum CheckLevel
{
    /// <summary>In order.</summary>
    Ok,

    /// <summary>Deployments work, but something is not as it should be.</summary>
    Warning,

    /// <summary>A deployment, or a rollback, would not work, or a secret is open to others.</summary>
    Problem,
}

/// <summary>What a check found.</summary>
/// <param name="Check">The check's name, a word for scripts: <c>git</c>, <c>repository</c>.</param>
/// <param name="Subject">What was looked at: a stack's name, a file; empty: the host.</param>
/// <param name="Message">In one sentence, without secrets.</param>
/// <param name="Remedy">What to type or to change, in one line; <c>null</c>: nothing has to be done.</param>
public sealed record CheckResult(string Check, string Subject, CheckLevel Level, string Message, string? Remedy);
