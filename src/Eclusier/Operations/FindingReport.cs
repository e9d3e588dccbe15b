namespace Eclusier.Operations;

/// <summary>What <c>doctor</c> found.</summary>
/// <param name="Check">A word: <c>configuration</c>, <c>git</c>, <c>docker-engine</c>, <c>compose</c>, <c>unit</c>, <c>files</c>, <c>state-folder</c>, <c>database</c>, <c>disk</c>, <c>clock</c>, <c>repository</c>, <c>images</c>, <c>leftovers</c>, <c>checkout</c>, <c>daemon</c>, <c>notifiers</c>.</param>
/// <param name="Subject">A stack's name or a path; empty: the host.</param>
/// <param name="Level"><c>ok</c>, <c>warning</c> or <c>problem</c>.</param>
/// <param name="Remedy">What to type or to change.</param>
public sealed record FindingReport(string Check, string Subject, string Level, string Message, string? Remedy);
