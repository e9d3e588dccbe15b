using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;

namespace Eclusier.Core.Access;

/// <summary>Who had what done, kept for more than a year.</summary>
public interface IAuditLog
{
    /// <summary>Before it is done, so that also what an agent died over is known.</summary>
    /// <exception cref="FailureException">It cannot be written; then it is not to be done.</exception>
    /// <returns>For <see cref="End"/>.</returns>
    long Begin(AuditedAction action, DateTimeOffset at);

    /// <summary>What became of it.</summary>
    void End(long id, string result, DateTimeOffset at);

    /// <summary>Newest first.</summary>
    IReadOnlyList<AuditEntry> Read(int limit);
}

/// <summary>Something that somebody wants done.</summary>
/// <param name="Action">The command's word: <c>deploy</c>, <c>token create</c>.</param>
/// <param name="Stack"><c>null</c>: it concerns none.</param>
/// <param name="Detail">How: <c>--force</c>, <c>to #40</c>; may be empty.</param>
/// <param name="Reason">Why, as they say; may be empty.</param>
public sealed record AuditedAction(Caller Caller, string Action, StackName? Stack, string Detail, string Reason);

/// <summary>A line of the audit.</summary>
/// <param name="Result"><c>null</c>: it goes on, or the agent died meanwhile.</param>
public sealed record AuditEntry(long Id, DateTimeOffset At, AuditedAction What, DateTimeOffset? EndedAt, string? Result);
