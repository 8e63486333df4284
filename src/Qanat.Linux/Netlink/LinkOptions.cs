using System.Net;

namespace Qanat.Linux.Netlink;

/// <summary>How a VLAN's tag is marked (linux/if_ether.h, ETH_P_8021Q and ETH_P_8021AD).</summary>
public enum VlanProtocol : ushort
{
    /// <summary>IEEE 802.1Q, the usual tag.</summary>
    Ieee8021Q = 0x8100,

    /// <summary>IEEE 802.1ad, the outer tag of a provider.</summary>
    Ieee8021AD = 0x88A8,
}

/// <summary>Which of its kin on the same device a MACVLAN can talk to (linux/if_link.h, MACVLAN_MODE_*).</summary>
public enum MacvlanMode
{
    /// <summary>None.</summary>
    Private = 1,

    /// <summary>All, by way of a switch outside that sends frames back.</summary>
    Vepa = 2,

    /// <summary>All, directly.</summary>
    Bridge = 4,

    /// <summary>It is the only one, and takes the device over.</summary>
    Passthru = 8,

    /// <summary>It gets what comes from listed link-layer addresses.</summary>
    Source = 16,
}

/// <summary>How a VXLAN device is made.</summary>
/// <remarks>Source: RFC 7348; linux/if_link.h, IFLA_VXLAN_*; drivers/net/vxlan.</remarks>
public sealed record VxlanOptions
{
    /// <summary>The port that IANA gave to VXLAN.</summary>
    public const ushort DefaultPort = 4789;

    /// <summary>The virtual network (VNI), up to 24 bits.</summary>
    public required uint Identifier { get; init; }

    /// <summary>This end's address; null when routing is to choose.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>
    /// The other end, or a multicast group of ends, which needs a <see cref="Parent"/>; null when entries of its own tell.
    /// </summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Index of the device that outer packets leave by; 0 when routing is to choose.</summary>
    public int Parent { get; init; }

    /// <summary>The UDP port of the other ends and of this one, in host byte order.</summary>
    public ushort Port { get; init; } = DefaultPort;

    /// <summary>Outer packets' time to live; 0 leaves it to the kernel.</summary>
    public byte TimeToLive { get; init; }

    /// <summary>True when it learns from packets which end a link-layer address is behind.</summary>
    public bool Learning { get; init; } = true;
}
