using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>The IP and UDP headers that a <see cref="UdpSocket"/> wants in front of datagrams, and puts there.</summary>
internal static class OuterHeaders
{
    private const byte HopLimit = 64;

    /// <summary>Puts headers in front of a payload, which has the room for them, or of several of one size.</summary>
    /// <param name="batch">Where the payload is, and what its TOS or traffic class is to be.</param>
    /// <param name="index">Which it is.</param>
    /// <param name="endpoint">Where it goes.</param>
    /// <param name="port">The port that it comes from.</param>
    /// <param name="mark">The mark that its route is looked up with.</param>
    public static void Write(PacketBatch batch, int index, in Endpoint endpoint, ushort port, uint mark)
    {
        var isIPv6 = endpoint.Address.IsIPv6;
        var ip = isIPv6 ? IPv6Header.Size : IPv4Header.MinSize;
        batch.TryMoveStart(index, -(ip + UdpHeader.Size));
        var packet = batch.Bytes(index);
        var length = packet.Length - ip;
        ref var info = ref batch[index];
        // May be fragmented on its way, as the kernel's own (drivers/net/wireguard/socket.c), but for probes.
        if (isIPv6)
            IPv6Header.Write(packet, info.TrafficClass, flowLabel: 0, length, IpProtocol.Udp, HopLimit, endpoint.Local.IPv6,
                endpoint.Address.IPv6);
        else
            IPv4Header.Write(packet, info.TrafficClass, packet.Length, identification: 0, info.DontFragment, HopLimit, IpProtocol.Udp,
                endpoint.Local.IPv4, endpoint.Address.IPv4);
        UdpHeader.Write(packet[ip..], port, endpoint.Port, length);
        (info.Link, info.Mark) = (endpoint.Link, mark);
        (info.Checksum, info.ChecksumStart, info.ChecksumOffset) = (ChecksumState.Partial, (ushort)ip, UdpHeader.ChecksumOffset);
    }

    /// <summary>
    /// Takes the headers off a datagram that arrived, and notes its TOS or traffic class; of what is none, nothing is left.
    /// </summary>
    /// <returns>Where it came from, and to which address of ours.</returns>
    public static Endpoint Strip(PacketBatch batch, int index)
    {
        ReadOnlySpan<byte> packet = batch.Bytes(index);
        if (IPv4Header.TryParse(packet, out var ipv4) && UdpHeader.TryParse(ipv4.Payload, out var udp))
        {
            batch.TryMoveStart(index, ipv4.HeaderLength + UdpHeader.Size);
            batch[index].TrafficClass = ipv4.TypeOfService;
            return new(ipv4.Source, udp.SourcePort) { Local = ipv4.Destination };
        }
        if (IPv6Header.TryParse(packet, out var ipv6) && UdpHeader.TryParse(ipv6.Payload, out udp))
        {
            batch.TryMoveStart(index, IPv6Header.Size + UdpHeader.Size);
            batch[index].TrafficClass = ipv6.TrafficClass;
            return new(ipv6.Source, udp.SourcePort, ipv6.Source.IsLinkLocal ? batch[index].Link : 0) { Local = ipv6.Destination };
        }
        batch.TryMoveStart(index, packet.Length);
        return default;
    }
}
