namespace Qanat.Linux.Netlink;

/// <summary>What a route does with packets (linux/rtnetlink.h, RTN_*).</summary>
public enum RouteType : byte
{
    /// <summary>Unknown.</summary>
    Unspecified,

    /// <summary>Sends them on: to a gateway or straight to the destination.</summary>
    Unicast,

    /// <summary>Takes them: the destination is ours.</summary>
    Local,

    /// <summary>Takes them as broadcast, and sends them as broadcast.</summary>
    Broadcast,

    /// <summary>Takes them as broadcast, but sends them as unicast.</summary>
    Anycast,

    /// <summary>Multicast.</summary>
    Multicast,

    /// <summary>Drops them; senders here get EINVAL.</summary>
    Blackhole,

    /// <summary>Refuses them: host unreachable, here EHOSTUNREACH.</summary>
    Unreachable,

    /// <summary>Refuses them: administratively prohibited, here EACCES.</summary>
    Prohibit,

    /// <summary>Not in this table: the next rule decides.</summary>
    Throw,
}

/// <summary>How far away a destination or an address reaches (linux/rtnetlink.h, RT_SCOPE_*); numbers between are allowed.</summary>
public enum RouteScope : byte
{
    /// <summary>Everywhere.</summary>
    Universe = 0,

    /// <summary>Inside this site; IPv6 alone.</summary>
    Site = 200,

    /// <summary>On this link.</summary>
    Link = 253,

    /// <summary>On this host.</summary>
    Host = 254,

    /// <summary>Nowhere: no such destination.</summary>
    Nowhere = 255,
}

/// <summary>Who put a route there (linux/rtnetlink.h, RTPROT_*); others appear as their number.</summary>
public enum RouteProtocol : byte
{
    /// <summary>Unknown; when deleting, anybody.</summary>
    Unspecified = 0,

    /// <summary>An ICMP redirect.</summary>
    Redirect = 1,

    /// <summary>The kernel, for an address.</summary>
    Kernel = 2,

    /// <summary>A command such as <c>ip route add</c>.</summary>
    Boot = 3,

    /// <summary>The administrator, for good.</summary>
    Static = 4,

    /// <summary>An IPv6 router advertisement.</summary>
    RouterAdvertisement = 9,

    /// <summary>A DHCP client.</summary>
    Dhcp = 16,
}

/// <summary>Which routing table (linux/rtnetlink.h, RT_TABLE_*); any other 32-bit number is one too.</summary>
public enum RouteTableId : uint
{
    /// <summary>None in particular.</summary>
    Unspecified = 0,

    /// <summary>Looked at last; usually empty.</summary>
    Default = 253,

    /// <summary>The ordinary one.</summary>
    Main = 254,

    /// <summary>Kept by the kernel: local and broadcast addresses.</summary>
    Local = 255,
}

/// <summary>A route's or a next hop's flags (linux/rtnetlink.h, RTNH_F_* and RTM_F_*).</summary>
[Flags]
public enum RouteFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Out of use: its device is down.</summary>
    Dead = 0x1,

    /// <summary>The gateway is looked up recursively.</summary>
    Pervasive = 0x2,

    /// <summary>The gateway is on the link, though no address says so.</summary>
    OnLink = 0x4,

    /// <summary>Hardware does it.</summary>
    Offload = 0x8,

    /// <summary>Its device has no carrier.</summary>
    LinkDown = 0x10,

    /// <summary>Multicast: not resolved yet.</summary>
    Unresolved = 0x20,

    /// <summary>Hardware hands its packets up.</summary>
    Trap = 0x40,

    /// <summary>Made from another for one destination; what a look-up answers with.</summary>
    Cloned = 0x200,
}
