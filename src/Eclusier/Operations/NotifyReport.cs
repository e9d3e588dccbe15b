namespace Eclusier.Operations;

/// <summary>What became of test messages.</summary>
public sealed record NotifyReport(IReadOnlyList<NotifierTest> Tests);

/// <param name="Error">Why it did not arrive; <c>null</c> when it did.</param>
public sealed record NotifierTest(string Notifier, string Type, bool Delivered, string? Error);
