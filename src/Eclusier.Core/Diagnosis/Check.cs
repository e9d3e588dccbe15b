using Eclusier.Core.Deployments;

namespace Eclusier.Core.Diagnosis;

/// <summary>Something that deployments depend on, and the way to look whether it is in order. Looking changes nothing.</summary>
public abstract class Check(string name, string subject = "")
{
    public string Name => name;

    public string Subject => subject;

    /// <summary>How long the look may take.</summary>
    public virtual TimeSpan Limit => TimeSpan.FromSeconds(20);

    /// <summary>What to do when it does not end in time, or ends in a failure of which no more is known.</summary>
    public abstract string Remedy { get; }

    /// <exception cref="FailureException">Told as a problem, with <see cref="Remedy"/>.</exception>
    public abstract Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken);

    public CheckResult Ok(string message, string? about = null) => new(name, about ?? subject, CheckLevel.Ok, message, null);

    public CheckResult Warning(string message, string remedy, string? about = null) => new(name, about ?? subject, CheckLevel.Warning, message, remedy);

    public CheckResult Problem(string message, string remedy, string? about = null) => new(name, about ?? subject, CheckLevel.Problem, message, remedy);
}
