using Eclusier.Core.Deployments;

namespace Eclusier.Core.Planning;

/// <summary>What applying a release would change on the host, service by service, and why.</summary>
/// <param name="Obstacles">What would make it fail and can be seen before anything is touched.</param>
public sealed record Plan(IReadOnlyList<ServiceChange> Changes, IReadOnlyList<string> Obstacles)
{
    public bool IsEmpty => Changes.All(change => change.Action == ServiceAction.Keep);

    public override string ToString() => IsEmpty
        ? "nothing to change"
        : string.Join("; ", Changes.Where(change => change.Action != ServiceAction.Keep).Select(change => change.ToString()));
}

/// <summary>What happens to one service.</summary>
public sealed record ServiceChange(string Service, ServiceAction Action, IReadOnlyList<string> Reasons)
{
    /// <summary>The signal that its containers get, <c>SIGHUP</c>.</summary>
    public string? Signal { get; init; }

    public override string ToString() => $"{Action.ToWord()} {(Signal is null ? "" : $"{Signal} to ")}{Service}{(Reasons.Count == 0 ? "" : $" ({string.Join(", ", Reasons)})")}";
}

/// <summary>What happens to a service's containers.</summary>
public enum ServiceAction
{
    Keep,
    Create,
    Recreate,
    Start,
    Scale,

    /// <summary>They stay, and are told that files they mount have changed.</summary>
    Signal,
    Remove,
}
