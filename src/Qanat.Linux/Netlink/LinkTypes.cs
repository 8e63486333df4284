namespace Qanat.Linux.Netlink;

/// <summary>A network device's flags (linux/if.h, IFF_*).</summary>
[Flags]
public enum LinkFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Switched on by the administrator.</summary>
    Up = 0x1,

    /// <summary>It has a broadcast address.</summary>
    Broadcast = 0x2,

    /// <summary>Debugging is on.</summary>
    Debug = 0x4,

    /// <summary>The loopback device.</summary>
    Loopback = 0x8,

    /// <summary>One peer at the far end.</summary>
    PointToPoint = 0x10,

    /// <summary>Avoid trailers; unused.</summary>
    NoTrailers = 0x20,

    /// <summary>Operational: up, and RFC 2863 state up or unknown.</summary>
    Running = 0x40,

    /// <summary>No address resolution.</summary>
    NoArp = 0x80,

    /// <summary>It receives what is not for it too.</summary>
    Promiscuous = 0x100,

    /// <summary>It receives all multicast.</summary>
    AllMulticast = 0x200,

    /// <summary>Leads a load-balancing bundle.</summary>
    Master = 0x400,

    /// <summary>Belongs to a load-balancing bundle.</summary>
    Slave = 0x800,

    /// <summary>It can multicast.</summary>
    Multicast = 0x1000,

    /// <summary>It can choose its medium.</summary>
    PortSelect = 0x2000,

    /// <summary>It chooses its medium by itself.</summary>
    AutoMedia = 0x4000,

    /// <summary>It loses its addresses when it goes down.</summary>
    Dynamic = 0x8000,

    /// <summary>The layer below is up: there is a carrier.</summary>
    LowerUp = 0x10000,

    /// <summary>It waits for something outside, such as 802.1X.</summary>
    Dormant = 0x20000,

    /// <summary>It echoes what it sends.</summary>
    Echo = 0x40000,
}

/// <summary>RFC 2863 operational state (linux/if.h, IF_OPER_*).</summary>
public enum OperationalState : byte
{
    /// <summary>The driver does not say; usual for tunnels and TUN devices.</summary>
    Unknown,

    /// <summary>Hardware is missing.</summary>
    NotPresent,

    /// <summary>Down.</summary>
    Down,

    /// <summary>The device it stands on is down.</summary>
    LowerLayerDown,

    /// <summary>Under test.</summary>
    Testing,

    /// <summary>Waiting for something outside.</summary>
    Dormant,

    /// <summary>Up.</summary>
    Up,
}

/// <summary>What a device's link layer is (linux/if_arp.h, ARPHRD_*); others appear as their number.</summary>
public enum LinkType : ushort
{
    /// <summary>Ethernet, or a TAP device.</summary>
    Ethernet = 1,

    /// <summary>PPP.</summary>
    Ppp = 512,

    /// <summary>IP in IPv4.</summary>
    Tunnel = 768,

    /// <summary>IP in IPv6.</summary>
    Tunnel6 = 769,

    /// <summary>Loopback.</summary>
    Loopback = 772,

    /// <summary>IPv6 in IPv4.</summary>
    Sit = 776,

    /// <summary>GRE over IPv4.</summary>
    IpGre = 778,

    /// <summary>GRE over IPv6.</summary>
    Ip6Gre = 823,

    /// <summary>No link layer, as a TUN device.</summary>
    None = 0xFFFE,
}
