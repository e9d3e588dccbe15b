namespace Eclusier.Operations;

/// <summary>A line of what is being done, as the journal shows it.</summary>
/// <param name="Level"><c>information</c>, <c>warning</c>, <c>error</c>.</param>
public sealed record ProgressLine(DateTimeOffset At, string Stack, string Level, string Message);
