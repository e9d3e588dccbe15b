namespace Eclusier.Operations;

/// <summary>A request that cannot be carried out as asked: an unknown stack, a release that never passed. The message is for the person.</summary>
public sealed class RequestException(string message) : Exception(message);
