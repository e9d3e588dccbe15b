namespace Eclusier.Core.Deployments;

/// <summary>What kind of failure it is decides what is done about it.</summary>
public enum FailureKind
{
    /// <summary>Passes by itself: try again with backoff, for ever; nothing is touched, nothing quarantined.</summary>
    Transient,

    /// <summary>Something is awaited (an image that CI has not pushed yet): wait with a visible deadline.</summary>
    Waiting,

    /// <summary>The input is wrong: said once, tried again when commit or configuration changes.</summary>
    Rejected,

    /// <summary>The release was applied, or began to be, and did not come up.</summary>
    DeploymentFailed,

    /// <summary>Not known what happened: look at what runs, then decide.</summary>
    Ambiguous,
}

/// <summary>A failure in one sentence, with what shows it.</summary>
/// <param name="Message">What happened to what, what was expected, and what to do; without secrets.</param>
public sealed record Failure(FailureKind Kind, string Message)
{
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>When the other side said to come back, or <c>null</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Files of this host that it may be due to, absolute: when one of them appears or changes, it is worth another try.</summary>
    public IReadOnlyList<string> HostFiles { get; init; } = [];

    public override string ToString() => Message;
}

/// <summary>Something that shows a failure: log lines, a probe's answer, an exit code.</summary>
/// <param name="Subject">What it is about: <c>service web</c>, <c>probe https://…</c>, <c>docker compose up</c>.</param>
/// <param name="Text">What was seen; may have several lines; without secrets.</param>
public sealed record Evidence(string Subject, string Text);

/// <summary>An outside system did not do what was asked. Adapters throw it, already classified.</summary>
public sealed class FailureException : Exception
{
    public FailureException(Failure failure, Exception? innerException = null)
        : base(failure.Message, innerException) => Failure = failure;

    public Failure Failure { get; }

    public FailureKind Kind => Failure.Kind;

    public static FailureException Transient(string message, Exception? innerException = null) => new(new Failure(FailureKind.Transient, message), innerException);

    public static FailureException Rejected(string message, Exception? innerException = null) => new(new Failure(FailureKind.Rejected, message), innerException);

    public static FailureException Waiting(string message, Exception? innerException = null) => new(new Failure(FailureKind.Waiting, message), innerException);
}
