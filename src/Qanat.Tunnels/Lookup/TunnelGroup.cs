namespace Qanat.Tunnels;

/// <summary>Tunnels that are looked up among each other alone, as in one of the kernel's modules.</summary>
internal enum TunnelGroup
{
    /// <summary>net/ipv4/ipip.c.</summary>
    Ipip,

    /// <summary>Minimal encapsulation, which takes what ipip does not want, too.</summary>
    Minimal,

    /// <summary>net/ipv4/ip_gre.c, network packets.</summary>
    Gre,

    /// <summary>net/ipv4/ip_gre.c, Ethernet frames.</summary>
    Gretap,

    /// <summary>net/ipv6/sit.c.</summary>
    Sit,

    /// <summary>net/ipv4/ip_vti.c.</summary>
    Vti,

    /// <summary>net/ipv6/ip6_tunnel.c.</summary>
    Ip6tnl,

    /// <summary>net/ipv6/ip6_gre.c, network packets.</summary>
    Ip6gre,

    /// <summary>net/ipv6/ip6_gre.c, Ethernet frames.</summary>
    Ip6gretap,

    /// <summary>net/ipv6/ip6_vti.c.</summary>
    Vti6,

    /// <summary>drivers/net/vxlan: found by port and network identifier alone.</summary>
    Vxlan,

    /// <summary>net/l2tp: found by the session's identifier alone.</summary>
    L2tp,
}
