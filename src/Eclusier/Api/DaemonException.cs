namespace Eclusier.Api;

/// <summary>The daemon cannot be reached, went away, or failed: what became of the request may be unknown.</summary>
public sealed class DaemonException(string message, Exception? cause = null) : Exception(message, cause);
