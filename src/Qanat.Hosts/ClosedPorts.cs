using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>
/// UDP and TCP ports where nobody listens: port unreachable (net/ipv4/udp.c, net/ipv6/udp.c), and reset (tcp_v4_send_reset,
/// tcp_v6_send_response).
/// </summary>
internal sealed class ClosedPorts(Outlet outlet, Complaints complaints)
{
    private const byte TimeToLive = 64;

    /// <summary>Takes a UDP datagram over IPv4.</summary>
    public Exchange TakeUdp(in Arrival arrival, IPv4Header packet, bool toMany, in Exchange exchange)
    {
        if (!UdpHeader.TryParse(packet.Payload, out var datagram))
            return exchange with { Event = HostEvent.UdpInErrors };
        var told = exchange with { Port = datagram.DestinationPort };
        var pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Udp, datagram.Length);
        if (datagram.Checksum != 0 && !arrival.ChecksumKnown && !IsValid(packet.Payload[..datagram.Length], pseudo))
            return told with { Event = HostEvent.UdpInCsumErrors };
        return told with
        {
            Event = toMany ? HostEvent.NotAnswerable
                : complaints.Send(arrival, IcmpError.Unreachable(IcmpUnreachableCode.Port), HostEvent.PortUnreachable),
        };
    }

    /// <summary>Takes a UDP datagram over IPv6, where a checksum is a must.</summary>
    public Exchange TakeUdp(in Arrival arrival, IPv6Header packet, int offset, in Exchange exchange)
    {
        var payload = packet.Packet[offset..];
        if (!UdpHeader.TryParse(payload, out var datagram))
            return exchange with { Event = HostEvent.UdpInErrors };
        var told = exchange with { Port = datagram.DestinationPort };
        var pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Udp, datagram.Length);
        if (!arrival.ChecksumKnown && (datagram.Checksum == 0 || !IsValid(payload[..datagram.Length], pseudo)))
            return told with { Event = HostEvent.UdpInCsumErrors };
        return told with
        {
            Event = complaints.Send(arrival, Icmpv6Error.Unreachable(Icmpv6UnreachableCode.Port), HostEvent.PortUnreachable),
        };
    }

    /// <summary>Takes a TCP segment over IPv4.</summary>
    public Exchange TakeTcp(in Arrival arrival, IPv4Header packet, bool toMany, in Exchange exchange)
    {
        if (!TcpHeader.TryParse(packet.Payload, out var segment))
            return exchange with { Event = HostEvent.TcpInErrs };
        var told = exchange with { Port = segment.DestinationPort };
        var pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Tcp, packet.Payload.Length);
        if (!arrival.ChecksumKnown && !IsValid(packet.Payload, pseudo))
            return told with { Event = HostEvent.TcpInCsumErrors };
        if (toMany || arrival.ForMany || Has(segment, TcpFlags.Rst))
            return told with { Event = HostEvent.NotAnswerable };

        var answer = outlet.Scratch[..(IPv4Header.MinSize + TcpHeader.MinSize)];
        var reset = answer[IPv4Header.MinSize..];
        WriteReset(reset, segment);
        pseudo = InternetChecksum.PseudoHeader(packet.Destination, packet.Source, IpProtocol.Tcp, TcpHeader.MinSize);
        WriteChecksum(reset, pseudo);
        IPv4Header.Write(answer, packet.TypeOfService, answer.Length, 0, true, TimeToLive, IpProtocol.Tcp,
            packet.Destination, packet.Source);
        outlet.SendIPv4(answer, arrival.Sender);
        return told with { Event = HostEvent.Reset };
    }

    /// <summary>Takes a TCP segment over IPv6.</summary>
    public Exchange TakeTcp(in Arrival arrival, IPv6Header packet, int offset, in Exchange exchange)
    {
        var payload = packet.Packet[offset..];
        if (!TcpHeader.TryParse(payload, out var segment))
            return exchange with { Event = HostEvent.TcpInErrs };
        var told = exchange with { Port = segment.DestinationPort };
        var pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Tcp, payload.Length);
        if (!arrival.ChecksumKnown && !IsValid(payload, pseudo))
            return told with { Event = HostEvent.TcpInCsumErrors };
        if (packet.Destination.IsMulticast || packet.Source.IsAny || arrival.ForMany || Has(segment, TcpFlags.Rst))
            return told with { Event = HostEvent.NotAnswerable };

        var answer = outlet.Scratch[..(IPv6Header.Size + TcpHeader.MinSize)];
        var reset = answer[IPv6Header.Size..];
        WriteReset(reset, segment);
        pseudo = InternetChecksum.PseudoHeader(packet.Destination, packet.Source, IpProtocol.Tcp, TcpHeader.MinSize);
        WriteChecksum(reset, pseudo);
        IPv6Header.Write(answer, 0, 0, TcpHeader.MinSize, IpProtocol.Tcp, TimeToLive, packet.Destination, packet.Source);
        outlet.SendIPv6(answer, arrival.Sender);
        return told with { Event = HostEvent.Reset };
    }

    // RFC 9293, 3.5.2: what acknowledges gets its own number back, what does not gets everything acknowledged.
    private static void WriteReset(Span<byte> reset, TcpHeader segment)
    {
        var acknowledges = Has(segment, TcpFlags.Ack);
        var length = (uint)segment.Payload.Length + (Has(segment, TcpFlags.Syn) ? 1u : 0) +
            (Has(segment, TcpFlags.Fin) ? 1u : 0);
        reset.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(reset, segment.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(reset[2..], segment.SourcePort);
        BinaryPrimitives.WriteUInt32BigEndian(reset[4..], acknowledges ? segment.AcknowledgmentNumber : 0);
        BinaryPrimitives.WriteUInt32BigEndian(reset[8..], acknowledges ? 0 : segment.SequenceNumber + length);
        var flags = TcpFlags.Rst | (acknowledges ? TcpFlags.None : TcpFlags.Ack);
        BinaryPrimitives.WriteUInt16BigEndian(reset[12..], (ushort)(TcpHeader.MinSize / 4 << 12 | (int)flags));
    }

    private static void WriteChecksum(Span<byte> segment, uint pseudo) => BinaryPrimitives.WriteUInt16BigEndian(
        segment[TcpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(segment) + pseudo));

    private static bool Has(TcpHeader segment, TcpFlags flag) => (segment.Flags & flag) != 0;

    private static bool IsValid(ReadOnlySpan<byte> payload, uint pseudo) =>
        InternetChecksum.IsValid(InternetChecksum.Sum(payload) + pseudo);
}
