namespace Qanat.Packets;

/// <summary>
/// Protocol numbers of the IPv4 Protocol and IPv6 Next Header fields (IANA, "Assigned Internet Protocol Numbers"). A
/// value that has no name here is still a valid number.
/// </summary>
public enum IpProtocol : byte
{
    /// <summary>IPv6 hop-by-hop options (RFC 8200, 4.3).</summary>
    HopByHopOptions = 0,

    /// <summary>ICMP for IPv4 (RFC 792).</summary>
    Icmp = 1,

    /// <summary>IGMP (RFC 9776).</summary>
    Igmp = 2,

    /// <summary>IPv4 in IP (RFC 2003), the kernel's IPPROTO_IPIP.</summary>
    IpIp = 4,

    /// <summary>TCP (RFC 9293).</summary>
    Tcp = 6,

    /// <summary>UDP (RFC 768).</summary>
    Udp = 17,

    /// <summary>IPv6 in IP (RFC 4213), the kernel's IPPROTO_IPV6.</summary>
    IPv6 = 41,

    /// <summary>IPv6 routing header (RFC 8200, 4.4).</summary>
    Routing = 43,

    /// <summary>IPv6 fragment header (RFC 8200, 4.5).</summary>
    Fragment = 44,

    /// <summary>Generic routing encapsulation (RFC 2784).</summary>
    Gre = 47,

    /// <summary>Encapsulating security payload (RFC 4303).</summary>
    Esp = 50,

    /// <summary>Authentication header (RFC 4302).</summary>
    Ah = 51,

    /// <summary>Minimal encapsulation (RFC 2004).</summary>
    MinimalEncapsulation = 55,

    /// <summary>ICMP for IPv6 (RFC 4443).</summary>
    Icmpv6 = 58,

    /// <summary>Nothing follows (RFC 8200, 4.7).</summary>
    NoNextHeader = 59,

    /// <summary>IPv6 destination options (RFC 8200, 4.6).</summary>
    DestinationOptions = 60,

    /// <summary>L2TP version 3 directly over IP (RFC 3931).</summary>
    L2tp = 115,

    /// <summary>SCTP (RFC 9260).</summary>
    Sctp = 132,

    /// <summary>UDP-Lite (RFC 3828).</summary>
    UdpLite = 136,

    /// <summary>MPLS in IP (RFC 4023).</summary>
    Mpls = 137,
}
