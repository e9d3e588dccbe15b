using Eclusier.Core.Health;
using Eclusier.Core.Planning;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Ports that programs outside containers listen on.</summary>
public sealed class FakeHostPorts : IHostPorts
{
    public List<HostPort> Listening { get; } = [];

    public IReadOnlyList<HostPort> ReadListening() => [.. Listening];
}
