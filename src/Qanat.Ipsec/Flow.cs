using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>What selectors look at in a packet (<c>struct flowi</c>, as xfrm_decode_session fills it in).</summary>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination address.</param>
/// <param name="Protocol">The protocol behind the IP headers.</param>
/// <param name="SourcePort">The source port; the type of an ICMP message; the upper half of a GRE key. 0 in a fragment.</param>
/// <param name="DestinationPort">The destination port; the code of an ICMP message; the lower half of a GRE key. 0 in a fragment.</param>
/// <param name="Interface">The index of the device that it leaves by; 0 when that is not known.</param>
public readonly record struct Flow(
    IpAddress Source, IpAddress Destination, IpProtocol Protocol, ushort SourcePort = 0, ushort DestinationPort = 0, int Interface = 0)
{
    /// <summary>True for a packet of IPv6.</summary>
    public bool IsIPv6 => Source.IsIPv6;

    /// <summary>Reads an IP packet. False when its headers are truncated or wrong.</summary>
    /// <param name="packet">The packet, from its IP header on.</param>
    /// <param name="flow">What was found.</param>
    public static bool TryParse(ReadOnlySpan<byte> packet, out Flow flow)
    {
        flow = default;
        if (IPv4Header.TryParse(packet, out var v4))
        {
            flow = new(v4.Source, v4.Destination, v4.Protocol);
            flow = v4.IsFragment ? flow : flow.WithPorts(v4.Payload);
            return true;
        }
        if (!IPv6Header.TryParse(packet, out var v6) || !v6.TryWalk(out var chain))
            return false;
        flow = new(v6.Source, v6.Destination, chain.Protocol);
        flow = chain.HasFragmentHeader ? flow : flow.WithPorts(v6.Packet[chain.Offset..]);
        return true;
    }

    private Flow WithPorts(ReadOnlySpan<byte> transport) => Protocol switch
    {
        IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.UdpLite or IpProtocol.Sctp when transport.Length >= 4
            => With(BinaryPrimitives.ReadUInt16BigEndian(transport), BinaryPrimitives.ReadUInt16BigEndian(transport[2..])),
        IpProtocol.Icmp or IpProtocol.Icmpv6 when transport.Length >= 2 => With(transport[0], transport[1]),
        IpProtocol.Gre when transport.Length >= 4 => WithGreKey(transport),
        _ => this,
    };

    // RFC 2890: the key follows the checksum, if there is one.
    private Flow WithGreKey(ReadOnlySpan<byte> gre)
    {
        const byte ChecksumPresent = 0x80, KeyPresent = 0x20;
        var offset = (gre[0] & ChecksumPresent) != 0 ? 8 : 4;
        if ((gre[0] & KeyPresent) == 0 || gre.Length < offset + 4)
            return this;
        return With(BinaryPrimitives.ReadUInt16BigEndian(gre[offset..]), BinaryPrimitives.ReadUInt16BigEndian(gre[(offset + 2)..]));
    }

    private Flow With(ushort source, ushort destination) => this with { SourcePort = source, DestinationPort = destination };
}
