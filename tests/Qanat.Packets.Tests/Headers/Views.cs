using Xunit;

namespace Qanat.Packets.Tests.Headers;

/// <summary>
/// Reads everything that can be read of a packet, as deep as it goes, and sees to it that each view lies within it. The
/// answers are how many views accepted it.
/// </summary>
internal static class Views
{
    private static long _sink;

    public static int ReadEthernet(ReadOnlySpan<byte> frame)
    {
        if (!EthernetHeader.TryParse(frame, out var header))
            return 0;
        Use(header.Destination.Value ^ header.Source.Value ^ (ulong)header.EtherType);
        for (var i = 0; i < header.TagCount; i++)
            Use(header.Tag(i).Control);
        Inside(header.Payload, frame);
        return header.EtherType switch
        {
            EtherType.Arp => ReadArp(header.Payload),
            EtherType.IPv4 => ReadIPv4(header.Payload),
            EtherType.IPv6 => ReadIPv6(header.Payload),
            _ => 0,
        };
    }

    public static int ReadIPv4(ReadOnlySpan<byte> packet)
    {
        if (IPv4Header.TryParseQuoted(packet, out var quoted))
            ReadFields(quoted, packet);
        if (!IPv4Header.TryParse(packet, out var header))
            return 0;
        ReadFields(header, packet);
        if (header.TotalLength != header.Packet.Length)
            Assert.Fail("A view that is shorter than Total Length.");
        return 1 + header.Protocol switch
        {
            IpProtocol.IpIp => ReadIPv4(header.Payload),
            IpProtocol.IPv6 => ReadIPv6(header.Payload),
            _ => ReadTransports(header.Payload),
        };
    }

    public static int ReadIPv6(ReadOnlySpan<byte> packet)
    {
        if (IPv6Header.TryParseQuoted(packet, out var quoted))
            ReadFields(quoted, packet);
        if (!IPv6Header.TryParse(packet, out var header))
            return 0;
        ReadFields(header, packet);
        if (!header.TryWalk(out var chain))
            return 0;
        if (chain.Offset < IPv6Header.Size || chain.Offset > header.Packet.Length || chain.FragmentHeaderOffset > chain.Offset - 8)
            Assert.Fail($"The walk left the packet: {chain.Offset} of {header.Packet.Length}.");
        var payload = header.Packet[chain.Offset..];
        return 1 + (chain.Protocol == IpProtocol.IPv6 ? ReadIPv6(payload) : ReadTransports(payload));
    }

    public static int ReadTransports(ReadOnlySpan<byte> payload) =>
        ReadTcp(payload) + ReadUdp(payload) + ReadIcmp(payload) + ReadIcmpv6(payload);

    private static int ReadArp(ReadOnlySpan<byte> message)
    {
        if (!ArpHeader.TryParse(message, out var arp))
            return 0;
        Use(arp.SenderHardwareAddress.Value ^ arp.TargetHardwareAddress.Value ^ (ulong)arp.Operation);
        Use(arp.SenderProtocolAddress.Value ^ arp.TargetProtocolAddress.Value);
        return 1;
    }

    private static void ReadFields(IPv4Header header, ReadOnlySpan<byte> packet)
    {
        Use((ulong)(header.Version ^ header.TotalLength ^ header.Dscp ^ (int)header.Ecn ^ header.Identification ^ header.FragmentOffset));
        Use(header.TimeToLive ^ header.Source.Value ^ header.Destination.Value ^ header.HeaderChecksum);
        Use(header is { DontFragment: true } or { MoreFragments: true } or { IsFragment: true } or { HasValidChecksum: true } ? 1u : 0);
        Inside(header.Header, packet);
        Inside(header.Options, packet);
        Inside(header.Payload, packet);
        Inside(header.Packet, packet);
        if (header.HeaderLength + header.Payload.Length != header.Packet.Length)
            Assert.Fail("Header and payload are not the packet.");
    }

    private static void ReadFields(IPv6Header header, ReadOnlySpan<byte> packet)
    {
        Use((ulong)(header.Version ^ header.TrafficClass ^ header.Dscp ^ (int)header.Ecn ^ header.PayloadLength) ^ header.FlowLabel);
        Use((ulong)(header.Source.Value ^ header.Destination.Value) ^ header.HopLimit);
        Inside(header.Payload, packet);
        Inside(header.Packet, packet);
    }

    private static int ReadTcp(ReadOnlySpan<byte> segment)
    {
        if (!TcpHeader.TryParse(segment, out var tcp))
            return 0;
        Use((ulong)(tcp.SourcePort ^ tcp.DestinationPort ^ tcp.Window ^ tcp.Checksum ^ tcp.UrgentPointer ^ (int)tcp.Flags));
        Use(tcp.SequenceNumber ^ tcp.AcknowledgmentNumber);
        Inside(tcp.Options, segment);
        Inside(tcp.Payload, segment);
        return 1;
    }

    private static int ReadUdp(ReadOnlySpan<byte> datagram)
    {
        if (!UdpHeader.TryParse(datagram, out var udp))
            return 0;
        Use((ulong)(udp.SourcePort ^ udp.DestinationPort ^ udp.Length ^ udp.Checksum));
        Inside(udp.Payload, datagram);
        return 1;
    }

    private static int ReadIcmp(ReadOnlySpan<byte> message)
    {
        if (!IcmpHeader.TryParse(message, out var icmp))
            return 0;
        Use((ulong)((int)icmp.Type ^ icmp.Code ^ icmp.Checksum ^ icmp.Identifier ^ icmp.SequenceNumber ^ icmp.NextHopMtu));
        Use(icmp.ProblemPointer ^ icmp.RestOfHeader ^ icmp.Gateway.Value ^ (icmp.HasValidChecksum ? 1u : 0));
        Inside(icmp.Body, message);
        Inside(icmp.OriginalDatagram, message);
        if (!icmp.TryGetOriginal(out var original))
            return 0;
        ReadFields(original, message);
        return 1;
    }

    private static int ReadIcmpv6(ReadOnlySpan<byte> message)
    {
        if (!Icmpv6Header.TryParse(message, out var icmp))
            return 0;
        Use((ulong)((int)icmp.Type ^ icmp.Code ^ icmp.Checksum ^ icmp.Identifier ^ icmp.SequenceNumber) ^ icmp.Mtu ^ icmp.ProblemPointer);
        Use(icmp.HasValidChecksum(SamplePackets.Here6, SamplePackets.There6) ? 1u : 0);
        Inside(icmp.Body, message);
        Inside(icmp.OriginalDatagram, message);
        if (!IPv6Header.TryParseQuoted(icmp.OriginalDatagram, out var original))
            return 0;
        ReadFields(original, message);
        Use(original.TryWalk(out var chain) ? (ulong)chain.Protocol : 0);
        return 1;
    }

    private static void Inside(ReadOnlySpan<byte> view, ReadOnlySpan<byte> whole)
    {
        if (!view.IsEmpty && (!whole.Overlaps(view, out var offset) || offset < 0 || offset + view.Length > whole.Length))
            Assert.Fail("A view of what is not the packet's.");
    }

    // So that no read is optimized away.
    private static void Use(ulong value) => _sink ^= (long)value;
}
