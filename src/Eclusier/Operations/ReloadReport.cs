namespace Eclusier.Operations;

/// <summary>What a reload came to.</summary>
/// <param name="Stacks">All that are kept now.</param>
/// <param name="Removed">No longer kept: what is under way is finished, and their containers stay as they are.</param>
/// <param name="NeedsRestart">What is different now, but only counts once the daemon is restarted.</param>
public sealed record ReloadReport(IReadOnlyList<string> Stacks, IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> NeedsRestart);
