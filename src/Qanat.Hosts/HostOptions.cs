using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>What a port carries.</summary>
public enum HostLink
{
    /// <summary>IP packets, as a TUN does.</summary>
    Ip,

    /// <summary>Ethernet frames, as a TAP does.</summary>
    Ethernet,
}

/// <summary>Who a <see cref="Host"/> is.</summary>
public sealed record HostOptions
{
    /// <summary>What its port carries.</summary>
    public required HostLink Link { get; init; }

    /// <summary>Its Ethernet address, a single one; of no meaning on a link without Ethernet.</summary>
    public MacAddress MacAddress { get; init; }

    /// <summary>Bytes of the longest IP packet that it sends whole; longer ones leave in fragments.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Its IPv4 addresses, with their networks.</summary>
    public IReadOnlyList<IPv4Interface> IPv4 { get; init; } = [];

    /// <summary>
    /// Its IPv6 addresses. On Ethernet it has the link-local one made of its Ethernet address too, if it has any at all.
    /// </summary>
    public IReadOnlyList<IPv6Interface> IPv6 { get; init; } = [];
}
