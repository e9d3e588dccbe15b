namespace Eclusier.Core.Reconciliation;

/// <summary>Why a stack is looked at now.</summary>
/// <param name="Detail">Who asked, for the journal.</param>
/// <param name="Force">Ignores quarantine and "no change".</param>
public sealed record Trigger(TriggerKind Kind, string Detail = "", bool Force = false)
{
    public static Trigger Poll { get; } = new(TriggerKind.Poll);

    /// <summary>Something may have been pushed: as a poll, but the source and the registries are asked in any case.</summary>
    public static Trigger Nudge { get; } = new(TriggerKind.Nudge);

    /// <summary>Nobody asked for a deployment, and nobody waits for an answer.</summary>
    public bool IsPoll => Kind is TriggerKind.Poll or TriggerKind.Nudge;

    /// <summary>What was answered to another stack, or before, does not do.</summary>
    public bool AsksAnew => Kind is not TriggerKind.Poll;
}

/// <summary>What makes a stack be looked at.</summary>
public enum TriggerKind
{
    Poll,
    Nudge,
    Command,
    Retry,
}
