namespace Qanat.Packets;

/// <summary>ICMPv6 message types (RFC 4443, RFC 4861). Those below 128 are errors.</summary>
public enum Icmpv6Type : byte
{
    /// <summary>The packet could not be delivered; see <see cref="Icmpv6UnreachableCode"/>.</summary>
    DestinationUnreachable = 1,

    /// <summary>The packet is larger than the next link takes.</summary>
    PacketTooBig = 2,

    /// <summary>The hop limit ran out (code 0), or a reassembly did not end in time (code 1).</summary>
    TimeExceeded = 3,

    /// <summary>A field, header or option cannot be understood.</summary>
    ParameterProblem = 4,

    /// <summary>Ping.</summary>
    EchoRequest = 128,

    /// <summary>Answer to an echo request.</summary>
    EchoReply = 129,

    /// <summary>Who is a router here?</summary>
    RouterSolicitation = 133,

    /// <summary>A router says that it is there.</summary>
    RouterAdvertisement = 134,

    /// <summary>Who has this address?</summary>
    NeighborSolicitation = 135,

    /// <summary>The sender has it.</summary>
    NeighborAdvertisement = 136,

    /// <summary>There is a better next hop.</summary>
    Redirect = 137,
}

/// <summary>Codes of ICMPv6 destination unreachable (RFC 4443, 3.1).</summary>
public enum Icmpv6UnreachableCode : byte
{
    /// <summary>No route.</summary>
    NoRoute = 0,

    /// <summary>Forbidden by a filter.</summary>
    Prohibited = 1,

    /// <summary>Beyond the scope of the source address.</summary>
    BeyondScope = 2,

    /// <summary>No way to the address on its link.</summary>
    Address = 3,

    /// <summary>Nobody listens at the port.</summary>
    Port = 4,
}
