using Eclusier.Core.Stacks;
using Eclusier.Operations;

namespace Eclusier.Commands;

/// <summary>An agent to ask, for as long as a command runs: the daemon, or one in this process.</summary>
public sealed class AgentConnection(IAgent agent, IReadOnlyList<StackName> stacks, bool isDaemon, Func<ValueTask> close) : IAsyncDisposable
{
    public IAgent Agent { get; } = agent;

    /// <summary>The agent with a reason for the audit; <c>null</c>: it keeps none.</summary>
    public Func<string, IAgent>? ForReason { get; init; }

    /// <summary>The stacks it keeps, in the order of the configuration it read.</summary>
    public IReadOnlyList<StackName> Stacks { get; } = stacks;

    public bool IsDaemon { get; } = isDaemon;

    /// <summary>The daemon's version; it may be older than the program, until it is restarted.</summary>
    public string? DaemonVersion { get; init; }

    /// <param name="reason">Why, as the person says; may be left out.</param>
    public IAgent AgentFor(string? reason) => string.IsNullOrWhiteSpace(reason) || ForReason is null ? Agent : ForReason(reason);

    public ValueTask DisposeAsync() => close();
}
