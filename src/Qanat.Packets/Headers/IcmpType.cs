namespace Qanat.Packets;

/// <summary>ICMP message types for IPv4 (RFC 792 and IANA, "ICMP Type Numbers").</summary>
public enum IcmpType : byte
{
    /// <summary>Answer to an echo request.</summary>
    EchoReply = 0,

    /// <summary>The datagram could not be delivered; see <see cref="IcmpUnreachableCode"/>.</summary>
    DestinationUnreachable = 3,

    /// <summary>Slow down (deprecated by RFC 6633).</summary>
    SourceQuench = 4,

    /// <summary>There is a better router.</summary>
    Redirect = 5,

    /// <summary>Ping.</summary>
    EchoRequest = 8,

    /// <summary>A router says that it is there (RFC 1256).</summary>
    RouterAdvertisement = 9,

    /// <summary>Who is a router here? (RFC 1256).</summary>
    RouterSolicitation = 10,

    /// <summary>The TTL ran out (code 0), or a reassembly did not end in time (code 1).</summary>
    TimeExceeded = 11,

    /// <summary>The header cannot be understood.</summary>
    ParameterProblem = 12,

    /// <summary>What time is it?</summary>
    Timestamp = 13,

    /// <summary>Answer to a timestamp.</summary>
    TimestampReply = 14,

    /// <summary>Which network is this? (deprecated by RFC 6918).</summary>
    InformationRequest = 15,

    /// <summary>Answer to an information request.</summary>
    InformationReply = 16,

    /// <summary>Which mask does this network have? (deprecated by RFC 6918).</summary>
    AddressMaskRequest = 17,

    /// <summary>Answer to an address mask request.</summary>
    AddressMaskReply = 18,
}

/// <summary>Codes of ICMP destination unreachable (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1).</summary>
public enum IcmpUnreachableCode : byte
{
    /// <summary>No route to the network.</summary>
    Network = 0,

    /// <summary>No way to the host on its network.</summary>
    Host = 1,

    /// <summary>The host does not know the protocol.</summary>
    Protocol = 2,

    /// <summary>Nobody listens at the port.</summary>
    Port = 3,

    /// <summary>The packet is larger than the next link takes, and DF is set.</summary>
    FragmentationNeeded = 4,

    /// <summary>The source route did not work.</summary>
    SourceRouteFailed = 5,

    /// <summary>The network is not known.</summary>
    NetworkUnknown = 6,

    /// <summary>The host is not known.</summary>
    HostUnknown = 7,

    /// <summary>Forbidden by a filter.</summary>
    CommunicationProhibited = 13,
}

/// <summary>The two families of ICMP types.</summary>
public static class IcmpTypes
{
    /// <summary>True for types that report an error about another packet, which they quote.</summary>
    public static bool IsError(this IcmpType type) => type is IcmpType.DestinationUnreachable or IcmpType.SourceQuench
        or IcmpType.Redirect or IcmpType.TimeExceeded or IcmpType.ParameterProblem;

    /// <summary>
    /// True for questions and answers about which an error may be sent: the types that the kernel does not take for errors
    /// (<c>icmp_pointers</c> in net/ipv4/icmp.c). Types that it does not know may be errors, so they are not among them.
    /// </summary>
    public static bool IsQuery(this IcmpType type) => type is IcmpType.EchoReply or IcmpType.EchoRequest
        or (>= IcmpType.Timestamp and <= IcmpType.AddressMaskReply);
}
