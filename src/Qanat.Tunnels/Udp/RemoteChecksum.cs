using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// A checksum in front of or in an inner packet that the far end is to complete, so that its sender need not sum the packet up
/// (draft-herbert-remotecsumoffload; net/ipv4/fou_core.c: __gue_build_header). Both places are counted from the end of the GUE header.
/// </summary>
/// <param name="Start">Where the sum begins.</param>
/// <param name="Field">Where the checksum goes.</param>
/// <param name="Network">Where the IP header is whose pseudo-header the checksum takes in; negative for none.</param>
internal readonly record struct RemoteChecksum(ushort Start, ushort Field, int Network)
{
    private const int TcpChecksumOffset = 16, GreChecksumOffset = 4;

    /// <summary>
    /// The checksum that the kernel would leave: that of TCP or UDP where the sender did so before us, else that of the GRE header;
    /// null for none.
    /// </summary>
    /// <param name="inner">The inner packet.</param>
    /// <param name="headerLength">Bytes between the GUE header and the inner packet.</param>
    /// <param name="inGre">Whether these are a GRE header with a checksum.</param>
    public static RemoteChecksum? Of(in InnerPacket inner, int headerLength, bool inGre)
    {
        if (inner.ChecksumStart > 0 && TryReadTransport(inner.Packet, out var protocol, out var transport, out _) &&
            inner.ChecksumStart == inner.Network + transport)
        {
            var start = headerLength + inner.ChecksumStart;
            var field = start + (protocol == IpProtocol.Tcp ? TcpChecksumOffset : UdpHeader.ChecksumOffset);
            return new((ushort)start, (ushort)field, headerLength + inner.Network);
        }
        return inGre ? new(0, GreChecksumOffset, Network: -1) : null;
    }

    /// <summary>Takes back a checksum that is complete: what is left in its field is the sum of the pseudo-header.</summary>
    /// <param name="payload">What follows the GUE header.</param>
    public void LeaveOut(Span<byte> payload)
    {
        var sum = 0U;
        if (Network >= 0)
            TryReadTransport(payload[Network..], out _, out _, out sum);
        BinaryPrimitives.WriteUInt16BigEndian(payload[Field..], (ushort)sum);
    }

    // Where TCP or UDP begins in an IP packet, and the sum of its pseudo-header.
    private static bool TryReadTransport(ReadOnlySpan<byte> packet, out IpProtocol protocol, out int transport, out uint sum)
    {
        (protocol, transport, sum) = (0, 0, 0);
        if (IPv4Header.TryParse(packet, out var ipv4))
        {
            (protocol, transport) = (ipv4.Protocol, ipv4.HeaderLength);
            sum = InternetChecksum.PseudoHeader(ipv4.Source, ipv4.Destination, protocol, ipv4.TotalLength - transport);
        }
        else if (IPv6Header.TryParse(packet, out var ipv6))
        {
            (protocol, transport) = (ipv6.NextHeader, IPv6Header.Size);
            sum = InternetChecksum.PseudoHeader(ipv6.Source, ipv6.Destination, protocol, ipv6.PayloadLength);
        }
        return protocol is IpProtocol.Tcp or IpProtocol.Udp;
    }
}
