using Eclusier.Core.Health;

namespace Eclusier.Core.Planning;

/// <summary>The ports that programs on this host listen on.</summary>
public interface IHostPorts
{
    /// <summary>Empty when the engine is on another machine.</summary>
    IReadOnlyList<HostPort> ReadListening();
}
