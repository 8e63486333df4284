using System.Buffers.Binary;
using Qanat.Packets;
using Qanat.Tunnels.Modes;

namespace Qanat.Tunnels;

/// <summary>Whose the outer packet is that an ICMP error quotes, as far as it quotes it.</summary>
internal static class QuotedPacket
{
    private const int PortOffset = 2;

    /// <summary>The tunnel that <paramref name="outer"/> left by; null when it was none, or too little is quoted to know.</summary>
    /// <param name="tunnels">All tunnels.</param>
    /// <param name="outer">
    /// The packet. Where it travels in UDP this becomes the packet inside, as if it followed the IP header at once.
    /// </param>
    /// <param name="link">The interface that the error came by.</param>
    /// <param name="header">The tunnel's own header.</param>
    public static Tunnel? FindSender(this TunnelRegistry tunnels, ref OuterPacket outer, int link, out TunnelHeader header)
    {
        if (outer.Protocol == IpProtocol.Udp)
            return FindSenderOfDatagram(tunnels, ref outer, link, out header);
        PayloadReader.TryRead(outer, out header, out var group, out _, out var known);
        return known ? tunnels.Find(group, outer.Source, outer.Destination, header.Key, link) : null;
    }

    // Nobody listens at the ports that ours leave from: as gue_err does, the datagram itself must tell.
    private static Tunnel? FindSenderOfDatagram(TunnelRegistry tunnels, ref OuterPacket outer, int link, out TunnelHeader header)
    {
        header = default;
        if (outer.Payload.Length < UdpHeader.Size)
            return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(outer.Payload[PortOffset..]);
        var datagram = outer.Payload[UdpHeader.Size..];
        if (VxlanHeader.TryParse(datagram, out var vxlan) &&
            tunnels.Find(TunnelGroup.Vxlan, outer.Source, outer.Destination, Vxlan.KeyOf(port, vxlan.Identifier), link) is { } found)
            return found;
        outer = Gue.TryRead(datagram, out var protocol, out var length)
            ? outer.Inside(datagram[length..], protocol)
            : outer.Inside(datagram, IpProtocol.Gre); // foo over UDP; of other protocols the first byte tells
        PayloadReader.TryRead(outer, out header, out var group, out _, out var known);
        return known && tunnels.Find(group, outer.Source, outer.Destination, header.Key, link) is { } tunnel &&
            tunnel.Parameters.Encap?.DestinationPort == port
                ? tunnel
                : null;
    }
}
