namespace Eclusier.Core.Reconciliation;

/// <summary>Why a stack is looked at now.</summary>
/// <param name="Detail">Who asked, for the journal.</param>
/// <param name="Force">Ignores quarantine and "no change".</param>
public sealed record Trigger(TriggerKind Kind, string Detail = "", bool Force = false)
{
    public static Trigger Poll { get; } = new(TriggerKind.Poll);

    public bool IsPoll => Kind == TriggerKind.Poll;
}

/// <summary>What makes a stack be looked at.</summary>
public enum TriggerKind
{
    Poll,
    Command,
    Retry,
}
