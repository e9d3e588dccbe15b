namespace Eclusier.Operations;

/// <summary>A line of a container's or of a deployment's log.</summary>
/// <param name="Source">The container's name, or <c>eclusier</c>.</param>
public sealed record LogEntry(DateTimeOffset At, string Source, string Text);
