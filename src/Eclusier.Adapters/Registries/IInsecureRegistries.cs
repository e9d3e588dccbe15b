using System.Net;
using System.Net.Sockets;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Registries;

/// <summary>Knows which registries the engine was told to reach without a trusted certificate.</summary>
public interface IInsecureRegistries
{
    /// <summary>Names (<c>registry.lan:5000</c>) and networks (<c>10.0.0.0/8</c>), as in the engine's own list.</summary>
    /// <exception cref="FailureException">Transient: the engine does not answer.</exception>
    Task<IReadOnlySet<string>> ReadInsecureRegistriesAsync(CancellationToken cancellationToken);
}

/// <summary>Decides whether a registry may be reached in plain HTTP, as the engine decides it.</summary>
internal static class InsecureRegistryRule
{
    public static bool IsLoopback(string registry)
    {
        var host = HostOf(registry);
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    public static async Task<bool> IsListedAsync(string registry, IReadOnlySet<string> insecure, CancellationToken cancellationToken)
    {
        var host = HostOf(registry);
        if (insecure.Contains(registry) || insecure.Contains(host))
        {
            return true;
        }

        var networks = insecure.Select(entry => IPNetwork.TryParse(entry, out var network) ? network : (IPNetwork?)null).OfType<IPNetwork>().ToList();
        return networks.Count > 0 && (await AddressesOfAsync(host, cancellationToken)).Any(address => networks.Any(network => network.Contains(address)));
    }

    private static async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException)
        {
            return []; // the registry's own failure tells more than this one
        }
    }

    private static string HostOf(string registry)
    {
        if (registry.StartsWith('['))
        {
            return registry[1..registry.IndexOf(']')];
        }

        var colon = registry.IndexOf(':');
        return colon < 0 ? registry : registry[..colon];
    }
}
