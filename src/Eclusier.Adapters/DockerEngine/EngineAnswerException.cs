using System.Net;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>The engine answered that it will not; the message is its own.</summary>
internal sealed class EngineAnswerException(HttpStatusCode status, string message) : Exception(message)
{
    public HttpStatusCode Status => status;
}
