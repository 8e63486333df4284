using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>The checksum of an outer UDP header. Over a UDP socket the kernel makes it; so it is only begun here, if it can be.</summary>
internal static class OuterChecksum
{
    /// <summary>Writes the sum of the pseudo-header, and says that the rest is still to be added.</summary>
    /// <param name="packet">The outer packet.</param>
    /// <param name="transport">Where its UDP header is.</param>
    /// <param name="facts">What is said of it.</param>
    public static void Begin(Span<byte> packet, int transport, ref PacketInfo facts)
    {
        WritePseudoHeader(packet, transport);
        facts.Checksum = ChecksumState.Partial;
        facts.ChecksumStart = (ushort)transport;
        facts.ChecksumOffset = UdpHeader.ChecksumOffset;
    }

    /// <summary>Writes the checksum itself, for a packet that is to be cut into fragments.</summary>
    public static void Complete(Span<byte> packet, int transport)
    {
        WritePseudoHeader(packet, transport);
        var checksum = InternetChecksum.Compute(packet[transport..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(transport + UdpHeader.ChecksumOffset)..], checksum != 0 ? checksum : ushort.MaxValue);
    }

    private static void WritePseudoHeader(Span<byte> packet, int transport)
    {
        var length = packet.Length - transport;
        var sum = transport == IPv4Header.MinSize
            ? InternetChecksum.PseudoHeader(IPv4Address.Read(packet[12..]), IPv4Address.Read(packet[16..]), IpProtocol.Udp, length)
            : InternetChecksum.PseudoHeader(IPv6Address.Read(packet[8..]), IPv6Address.Read(packet[24..]), IpProtocol.Udp, length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(transport + UdpHeader.ChecksumOffset)..], (ushort)sum);
    }
}
