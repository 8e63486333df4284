namespace Qanat.Hosts;

/// <summary>
/// What became of a packet that a <see cref="Host"/> received: how it was answered, or why it was not. The names are the
/// kernel's SNMP counters (net/ipv4/proc.c) and drop reasons (net/dropreason-core.h) where it has them.
/// </summary>
public enum HostEvent
{
    /// <summary>Answered: who has an address of ours? We have.</summary>
    ArpReply,

    /// <summary>Answered: the same in IPv6 (RFC 4861), probes for duplicates among them.</summary>
    NeighborAdvertisement,

    /// <summary>Answered: a ping.</summary>
    EchoReply,

    /// <summary>Answered: the time of day (RFC 792).</summary>
    TimestampReply,

    /// <summary>Answered: a UDP datagram to a port, where nobody listens (NoPorts).</summary>
    PortUnreachable,

    /// <summary>Answered: a TCP segment to a port, where nobody listens (OutRsts).</summary>
    Reset,

    /// <summary>Answered: a protocol that we do not know (InUnknownProtos), with an ICMP protocol unreachable.</summary>
    ProtocolUnreachable,

    /// <summary>Answered: a header or an option that we do not understand, with a parameter problem.</summary>
    ParameterProblem,

    /// <summary>Kept: a fragment of a packet that is not whole yet (ReasmReqds), or has been given up.</summary>
    Fragment,

    /// <summary>Shorter than its Ethernet header, or than an IP header (PKT_TOO_SMALL).</summary>
    PacketTooSmall,

    /// <summary>A frame to another Ethernet address, or from a group's (OTHERHOST).</summary>
    OtherHost,

    /// <summary>A frame of a virtual LAN that we are not in; those tagged with a priority alone are taken.</summary>
    VlanTag,

    /// <summary>Neither ARP nor IP (UNHANDLED_PROTO).</summary>
    UnhandledProtocol,

    /// <summary>An ARP message of another kind of network or of wrong sizes, or from an address that can be nobody's.</summary>
    ArpInvalid,

    /// <summary>An ARP message that asks for another's address, or a reply or announcement.</summary>
    ArpIgnored,

    /// <summary>An IP header, option or extension header that is wrong (InHdrErrors).</summary>
    InHdrErrors,

    /// <summary>An IPv4 header with a wrong checksum (InCsumErrors).</summary>
    InCsumErrors,

    /// <summary>An IP packet that is shorter than it says (InTruncatedPkts).</summary>
    InTruncatedPkts,

    /// <summary>An IP packet to an address that is not ours, or a group that we are not in (InAddrErrors).</summary>
    InAddrErrors,

    /// <summary>An IP packet from an address that can be nobody's, or is our own (IP_INVALID_SOURCE).</summary>
    InvalidSource,

    /// <summary>An ICMP or ICMPv6 message that is cut short, or wrong in itself (Icmp InErrors).</summary>
    IcmpInErrors,

    /// <summary>An ICMP or ICMPv6 message with a wrong checksum (Icmp InCsumErrors).</summary>
    IcmpInCsumErrors,

    /// <summary>A message that nobody here waits for: errors, replies, router advertisements, reports.</summary>
    IcmpIgnored,

    /// <summary>A ping or a timestamp request to many (icmp_echo_ignore_broadcasts).</summary>
    EchoIgnored,

    /// <summary>A neighbour solicitation that breaks a rule of RFC 4861, 7.1.1.</summary>
    NdiscInvalid,

    /// <summary>A UDP datagram that is cut short (Udp InErrors).</summary>
    UdpInErrors,

    /// <summary>A UDP datagram with a wrong checksum (Udp InCsumErrors).</summary>
    UdpInCsumErrors,

    /// <summary>A TCP segment that is cut short (Tcp InErrs).</summary>
    TcpInErrs,

    /// <summary>A TCP segment with a wrong checksum (Tcp InCsumErrors).</summary>
    TcpInCsumErrors,

    /// <summary>For nobody here, and no complaint may be sent: it was for many, or is an error or a reset itself.</summary>
    NotAnswerable,

    /// <summary>For nobody here, and enough complaints were sent of late (ICMP_RATELIMITHOST).</summary>
    RateLimited,
}

/// <summary>The two families of events.</summary>
public static class HostEvents
{
    /// <summary>True when something was sent in answer.</summary>
    public static bool IsAnswer(this HostEvent value) => value < HostEvent.Fragment;
}
