using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// ICMPv6 errors about our outer packets: a smaller MTU is learnt; of the rest, modes that carry IP alone pass on to the inner
/// sender what concerns it (net/ipv6/ip6_tunnel.c: ip6_tnl_err, ip4ip6_err, ip6ip6_err), and GRE keeps count of them
/// (net/ipv6/ip6_gre.c: ip6gre_err).
/// </summary>
internal sealed class Icmpv6Relay(
    TunnelRegistry tunnels, IUnderlay underlay, PathMtuTable pathMtus, IcmpReporter reporter, TimeProvider time)
{
    /// <summary>Takes in an IPv6 packet that carries ICMPv6.</summary>
    public void Receive(Span<byte> packet, int link)
    {
        if (!IPv6Header.TryParse(packet, out var ip) || !ip.TryWalk(out var chain) || chain.Protocol != IpProtocol.Icmpv6 ||
            !Icmpv6Header.TryParse(packet[chain.Offset..], out var icmp) || !icmp.IsError ||
            !icmp.HasValidChecksum(ip.Source, ip.Destination))
            return;
        var quoted = packet.Slice(chain.Offset + Icmpv6Header.Size, icmp.OriginalDatagram.Length);
        if (!OuterPacket.TryParse(quoted, link, out var outer) || !outer.IsIPv6)
            return;
        var inUdp = outer.Protocol == IpProtocol.Udp;
        if (tunnels.FindSender(ref outer, link, out _) is not { } tunnel)
            return;
        if (icmp.Type == Icmpv6Type.PacketTooBig)
            Learn(tunnel, outer, (int)Math.Min(icmp.Mtu, PacketBatch.MaxPacketLength));
        if (tunnel.Mode.Group == TunnelGroup.Ip6tnl)
            Relay(tunnel, icmp, outer);
        else if (!inUdp && IsFailure(icmp))
            tunnel.Failures.Add(time);
        reporter.Flush();
    }

    // A port is nothing that ip6_gre would know of, nor is a field that somebody does not like.
    private static bool IsFailure(in Icmpv6Header icmp) =>
        icmp.Type == Icmpv6Type.DestinationUnreachable && icmp.Code != (byte)Icmpv6UnreachableCode.Port ||
        icmp.Type == Icmpv6Type.TimeExceeded && icmp.Code == 0;

    private void Learn(Tunnel tunnel, in OuterPacket outer, int mtu)
    {
        var parameters = tunnel.Parameters;
        var route = underlay.Route(new(outer.Destination, outer.Source, outer.TypeOfService, parameters.Link, parameters.Mark));
        if (route.Found)
            pathMtus.Learn(outer.Destination, mtu, route.Mtu);
    }

    private void Relay(Tunnel tunnel, in Icmpv6Header icmp, in OuterPacket outer)
    {
        var overhead = outer.Bytes.Length - outer.Payload.Length;
        if (icmp.Type == Icmpv6Type.PacketTooBig)
        {
            var mtu = (int)Math.Clamp(icmp.Mtu - overhead, IPv6Header.MinimumMtu, PacketBatch.MaxPacketLength);
            reporter.TooBig(outer.Payload, tunnel.Index, mtu);
        }
        else if (icmp.Type is Icmpv6Type.DestinationUnreachable or Icmpv6Type.TimeExceeded)
            reporter.LinkFailure(outer.Payload, tunnel.Index);
    }
}
