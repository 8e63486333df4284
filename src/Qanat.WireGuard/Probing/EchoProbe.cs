using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>A probe for an end that knows no control messages: an echo request (RFC 792, RFC 4443), and its reply.</summary>
internal static class EchoProbe
{
    private const byte HopLimit = 64;

    /// <summary>Bytes of an echo request without data.</summary>
    public static int MinLength(bool isIPv6) => (isIPv6 ? IPv6Header.Size : IPv4Header.MinSize) + IcmpHeader.Size;

    /// <summary>Writes a request, whose data is zeros.</summary>
    /// <param name="packet">Where it goes; all of it is the packet.</param>
    /// <param name="source">Who asks.</param>
    /// <param name="destination">Who is asked, of the same IP version.</param>
    /// <param name="identifier">What the reply brings back: ICMP's identifier and sequence number.</param>
    public static void Write(Span<byte> packet, IpAddress source, IpAddress destination, uint identifier)
    {
        packet.Clear();
        var isIPv6 = destination.IsIPv6;
        var message = packet[(isIPv6 ? IPv6Header.Size : IPv4Header.MinSize)..];
        if (isIPv6)
            IPv6Header.Write(packet, trafficClass: 0, flowLabel: 0, message.Length, IpProtocol.Icmpv6, HopLimit, source.IPv6,
                destination.IPv6);
        else
            IPv4Header.Write(packet, typeOfService: 0, packet.Length, identification: 0, dontFragment: true, HopLimit, IpProtocol.Icmp,
                source.IPv4, destination.IPv4);
        message[0] = isIPv6 ? (byte)Icmpv6Type.EchoRequest : (byte)IcmpType.EchoRequest;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], identifier);
        var sum = InternetChecksum.Sum(message[..IcmpHeader.Size]); // the rest is zeros
        if (isIPv6)
            sum += InternetChecksum.Fold(
                InternetChecksum.PseudoHeader(source.IPv6, destination.IPv6, IpProtocol.Icmpv6, message.Length));
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Finish(sum));
    }

    /// <summary>Reads a packet that may be a reply, or the first part of one. False when it is not.</summary>
    public static bool TryReadReply(ReadOnlySpan<byte> packet, out uint identifier)
    {
        identifier = 0;
        ReadOnlySpan<byte> message = [];
        byte reply = 0;
        if (IPv4Header.TryParse(packet, out var ipv4))
        {
            if (ipv4 is { Protocol: IpProtocol.Icmp, FragmentOffset: 0 })
            {
                message = ipv4.Payload;
                reply = (byte)IcmpType.EchoReply;
            }
        }
        else if (IPv6Header.TryParse(packet, out var ipv6) && ipv6.TryWalk(out var chain) &&
            chain is { Protocol: IpProtocol.Icmpv6, FragmentOffset: 0 })
        {
            message = ipv6.Packet[chain.Offset..];
            reply = (byte)Icmpv6Type.EchoReply;
        }
        if (message.Length < IcmpHeader.Size || message[0] != reply)
            return false;
        identifier = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        return true;
    }
}
