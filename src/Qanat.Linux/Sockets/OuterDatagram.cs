using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Qanat.Packets;

namespace Qanat.Linux.Sockets;

/// <summary>
/// What the headers of a UDP packet say beside its payload, as far as a socket heeds it. Two that are equal may leave in one
/// message. The source port is not here: it is the socket's.
/// </summary>
/// <param name="Source">Where it comes from; any leaves that to the routes.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="DestinationPort">Whom it is for there.</param>
/// <param name="Link">The interface that it must leave by; 0 for none.</param>
/// <param name="Mark">The mark that its route is looked up with; 0 for none.</param>
/// <param name="TrafficClass">TOS or traffic class.</param>
/// <param name="HopLimit">TTL or hop limit.</param>
/// <param name="FlowLabel">The flow label, 20 bits; 0 in IPv4.</param>
/// <param name="DontFragment">IPv4's DF flag; over IPv6 <see cref="PacketInfo.DontFragment"/>.</param>
/// <param name="HasChecksum">False when its UDP checksum is to be 0.</param>
/// <param name="Options">
/// IPv6's destination options of 8 bytes, such as a tunnel encapsulation limit (RFC 2473, 4.1.1), as they are in memory; 0 for none.
/// </param>
internal readonly record struct OuterDatagram(
    IpAddress Source, IpAddress Destination, ushort DestinationPort, int Link, uint Mark,
    byte TrafficClass, byte HopLimit, uint FlowLabel, bool DontFragment, bool HasChecksum, ulong Options = 0)
{
    private const int OptionsSize = sizeof(ulong);

    /// <summary>True when it goes over IPv6.</summary>
    public bool IsIPv6 => Destination.IsIPv6;

    /// <summary>Bytes in front of the payload.</summary>
    public int HeaderLength => HeaderLengthOf(IsIPv6) + (Options != 0 ? OptionsSize : 0);

    /// <summary>Bytes of an IP header without options or extension headers, and a UDP header.</summary>
    public static int HeaderLengthOf(bool isIPv6) => (isIPv6 ? IPv6Header.Size : IPv4Header.MinSize) + UdpHeader.Size;

    /// <summary>
    /// Where the UDP header of a packet is if it is one that <see cref="TryRead"/> reads, IPv6 with destination options included; it
    /// may lie beyond the packet's end.
    /// </summary>
    public static int TransportOf(ReadOnlySpan<byte> packet) =>
        packet.IsEmpty || packet[0] >> 4 != 6 ? IPv4Header.MinSize
        : packet.Length > IPv6Header.Size && packet[IPv6Header.NextHeaderOffset] == (byte)IpProtocol.DestinationOptions
            ? IPv6Header.Size + OptionsSize
            : IPv6Header.Size;

    /// <summary>
    /// Reads a packet. False when it is not UDP, is a fragment, has IP options or extension headers other than 8 bytes of destination
    /// options, lengths that differ from the packet's, or offload facts of something else.
    /// </summary>
    public static bool TryRead(PacketBatch batch, int index, out OuterDatagram datagram)
    {
        datagram = default;
        ref readonly var info = ref batch[index];
        if (info.Gso is not (GsoType.None or GsoType.UdpL4))
            return false;
        ReadOnlySpan<byte> packet = batch.Bytes(index);
        if (IPv4Header.TryParse(packet, out var ip) &&
            ip is { HeaderLength: IPv4Header.MinSize, Protocol: IpProtocol.Udp, IsFragment: false })
        {
            if (!TryReadUdp(packet[IPv4Header.MinSize..], in info, out var port, out var hasChecksum))
                return false;
            datagram = new(
                ip.Source, ip.Destination, port, info.Link, info.Mark, ip.TypeOfService, ip.TimeToLive, 0, ip.DontFragment, hasChecksum);
            return true;
        }

        if (IPv6Header.TryParse(packet, out var ip6) && TryReadOptions(packet, ip6.NextHeader, out var options))
        {
            if (!TryReadUdp(packet[TransportOf(packet)..], in info, out var port, out var hasChecksum))
                return false;
            datagram = new(
                ip6.Source, ip6.Destination, port, info.Link, info.Mark, ip6.TrafficClass, ip6.HopLimit, ip6.FlowLabel, info.DontFragment,
                hasChecksum,
                options);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Whether <see cref="TryRead"/> makes the same of packet <paramref name="next"/> as it made of <paramref name="first"/>:
    /// asked of each packet in a row, it compares bytes and takes nothing apart.
    /// </summary>
    public static bool IsLike(PacketBatch batch, int first, int next)
    {
        ref readonly var info = ref batch[next];
        ReadOnlySpan<byte> known = batch.Bytes(first), packet = batch.Bytes(next);
        var headerLength = TransportOf(known) + UdpHeader.Size;
        // What is not to be fragmented goes alone: joined, a small one would share the fate of a large one.
        if (packet.Length < headerLength || info.Link != batch[first].Link || info.DontFragment || batch[first].DontFragment ||
            info.Gso is not (GsoType.None or GsoType.UdpL4))
            return false;
        var transport = headerLength - UdpHeader.Size;
        var isAlike = headerLength == IPv4Header.MinSize + UdpHeader.Size
            // All but the total length, the identification and the checksum.
            ? known[..2].SequenceEqual(packet[..2]) && known[6..10].SequenceEqual(packet[6..10]) &&
                known[12..20].SequenceEqual(packet[12..20]) && BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) == packet.Length
            // All but the payload length.
            : known[..4].SequenceEqual(packet[..4]) && known[6..transport].SequenceEqual(packet[6..transport]) &&
                BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == packet.Length - IPv6Header.Size;
        return isAlike &&
            TryReadUdp(known[transport..], in batch[first], out var port, out var hasChecksum) &&
            TryReadUdp(packet[transport..], in info, out var nextPort, out var nextHasChecksum) &&
            port == nextPort && hasChecksum == nextHasChecksum;
    }

    /// <summary>Writes the headers of a datagram that arrived, the UDP checksum being 0: the kernel has checked it.</summary>
    /// <param name="packet">The packet, its payload in place.</param>
    /// <param name="arrival">What is known of it.</param>
    /// <param name="port">The port that it came to.</param>
    public static void Write(Span<byte> packet, in Arrival arrival, ushort port)
    {
        var datagram = packet[(HeaderLengthOf(arrival.Source.IsIPv6) - UdpHeader.Size)..];
        UdpHeader.Write(datagram, arrival.SourcePort, port, datagram.Length);
        if (arrival.Source.IsIPv6)
            IPv6Header.Write(packet, arrival.TrafficClass, arrival.FlowLabel, datagram.Length, IpProtocol.Udp, arrival.HopLimit,
                arrival.Source.IPv6, arrival.Destination.IPv6);
        else
            IPv4Header.Write(packet, arrival.TrafficClass, packet.Length, identification: 0, dontFragment: false, arrival.HopLimit,
                IpProtocol.Udp, arrival.Source.IPv4, arrival.Destination.IPv4);
    }

    // False when it is neither UDP nor destination options in front of it, which say how long they are.
    private static bool TryReadOptions(ReadOnlySpan<byte> packet, IpProtocol next, out ulong options)
    {
        options = 0;
        if (next != IpProtocol.DestinationOptions)
            return next == IpProtocol.Udp;
        var header = packet[IPv6Header.Size..];
        return header.Length >= OptionsSize && (IpProtocol)header[0] == IpProtocol.Udp && header[1] == 0 &&
            MemoryMarshal.TryRead(header, out options);
    }

    private static bool TryReadUdp(ReadOnlySpan<byte> bytes, ref readonly PacketInfo info, out ushort port, out bool hasChecksum)
    {
        var valid = UdpHeader.TryParse(bytes, out var udp) && udp.Length == bytes.Length;
        port = valid ? udp.DestinationPort : (ushort)0;
        hasChecksum = valid && (udp.Checksum != 0 || info.Checksum != ChecksumState.Unknown);
        return valid;
    }
}
