namespace Eclusier.Commands;

/// <summary>The command cannot be understood, or its configuration cannot be used.</summary>
public sealed class UsageException(string message) : Exception(message);
