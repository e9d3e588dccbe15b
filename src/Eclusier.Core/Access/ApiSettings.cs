using System.Net;

namespace Eclusier.Core.Access;

/// <summary>Where the daemon can be reached besides its Unix socket, and whom it believes there.</summary>
public sealed record ApiSettings
{
    /// <summary>Empty: only the Unix socket.</summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [];

    /// <summary>The certificate with those between it and its authority, in PEM; <c>null</c>: plain HTTP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The certificate's private key, in PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How people reach it; <c>null</c>: not known.</summary>
    public Uri? Url { get; init; }

    /// <summary>Whose <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <see cref="UserHeader"/> are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The header in which a trusted proxy says who has signed in with it; <c>null</c>: that signs nobody in.</summary>
    public string? UserHeader { get; init; }

    /// <summary>What whoever comes by <see cref="UserHeader"/> may do.</summary>
    public Role UserRole { get; init; } = Role.Read;

    public bool HasTls => CertificateFile is not null;

    /// <summary>The first address that other hosts can reach; <c>null</c>: all are this host's own.</summary>
    public ListenAddress? FindOffHost() => Listen.FirstOrDefault(address => !IPAddress.IsLoopback(address.Address));

    public bool IsTrustedProxy(IPAddress? address) =>
        address is not null && TrustedProxies.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}

/// <summary>An address of this host and a port.</summary>
/// <param name="Address"><c>0.0.0.0</c> and <c>::</c> are all of the host's addresses.</param>
public sealed record ListenAddress(IPAddress Address, int Port)
{
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
