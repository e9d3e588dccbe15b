using System.Net.NetworkInformation;
using Eclusier.Core.Health;
using Eclusier.Core.Planning;

namespace Eclusier.Adapters.HostNetwork;

/// <summary>The ports that programs in this network namespace listen on, as the kernel lists them.</summary>
/// <param name="isEngineLocal">Ports of this host say nothing about an engine on another machine.</param>
public sealed class HostPorts(bool isEngineLocal) : IHostPorts
{
    public IReadOnlyList<HostPort> ReadListening()
    {
        if (!isEngineLocal)
        {
            return [];
        }

        var host = IPGlobalProperties.GetIPGlobalProperties();
        return
        [
            .. host.GetActiveTcpListeners().Select(end => new HostPort($"{end.Address}", end.Port, "tcp")),
            .. host.GetActiveUdpListeners().Select(end => new HostPort($"{end.Address}", end.Port, "udp")),
        ];
    }
}
