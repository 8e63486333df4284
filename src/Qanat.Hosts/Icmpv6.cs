using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>Answers ICMPv6's questions: echo, also to many, and who has an address (net/ipv6/icmp.c).</summary>
internal sealed class Icmpv6(LocalAddresses local, Outlet outlet, NeighbourDiscovery neighbours)
{
    private const byte HopLimit = 64;

    /// <summary>Takes a message that is whole, at <paramref name="offset"/> in its packet.</summary>
    public Exchange Take(in Arrival arrival, IPv6Header packet, int offset, in Exchange exchange)
    {
        if (!Icmpv6Header.TryParse(packet.Packet[offset..], out var message))
            return exchange with { Event = HostEvent.IcmpInErrors };
        if (!arrival.ChecksumKnown && !message.HasValidChecksum(packet.Source, packet.Destination))
            return exchange with { Event = HostEvent.IcmpInCsumErrors };
        return message.Type switch
        {
            Icmpv6Type.NeighborSolicitation => neighbours.Take(arrival, packet, packet.Packet[offset..], exchange),
            Icmpv6Type.EchoRequest => exchange with
            {
                Identifier = message.Identifier,
                SequenceNumber = message.SequenceNumber,
                Event = Echo(arrival, packet, packet.Packet[offset..]),
            },
            _ => exchange with { Event = HostEvent.IcmpIgnored },
        };
    }

    private HostEvent Echo(in Arrival arrival, IPv6Header packet, ReadOnlySpan<byte> request)
    {
        var source = packet.Destination;
        if (packet.Source.IsAny || source.IsMulticast && !local.TryChooseSource(packet.Source, out source))
            return HostEvent.EchoIgnored;
        var answer = outlet.Scratch[..(IPv6Header.Size + request.Length)];
        var message = answer[IPv6Header.Size..];
        request.CopyTo(message);
        message[0] = (byte)Icmpv6Type.EchoReply;
        WriteChecksum(message, source, packet.Source);
        IPv6Header.Write(answer, packet.TrafficClass, 0, message.Length, IpProtocol.Icmpv6, HopLimit, source, packet.Source);
        outlet.SendIPv6(answer, arrival.Sender);
        return HostEvent.EchoReply;
    }

    /// <summary>Writes the checksum of a message between two addresses.</summary>
    public static void WriteChecksum(Span<byte> message, IPv6Address source, IPv6Address destination)
    {
        message[2..4].Clear();
        var sum = InternetChecksum.Sum(message) + InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Finish(sum));
    }
}
