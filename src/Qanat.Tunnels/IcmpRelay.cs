using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// ICMP errors about our outer packets: a smaller MTU is learnt, other failures are kept for the inner senders
/// (net/ipv4/ipip.c: ipip_err; net/ipv4/ip_gre.c: ipgre_err).
/// </summary>
internal sealed class IcmpRelay(TunnelRegistry tunnels, IUnderlay underlay, PathMtuTable pathMtus, TimeProvider time)
{
    /// <summary>Takes in an IPv4 packet that carries ICMP.</summary>
    public void Receive(Span<byte> packet, int link)
    {
        if (!IPv4Header.TryParse(packet, out var ip) || ip.Protocol != IpProtocol.Icmp ||
            !IcmpHeader.TryParse(ip.Payload, out var icmp) || !icmp.HasValidChecksum)
            return;
        // What is quoted ends the message, or is followed by extensions.
        var quoted = packet.Slice(ip.HeaderLength + IcmpHeader.Size, icmp.OriginalDatagram.Length);
        if (!OuterPacket.TryParse(quoted, link, out var outer) || outer.IsIPv6)
            return;
        PayloadReader.TryRead(outer, out var header, out var group, out _, out var known);
        if (!known || tunnels.Find(group, outer.Source, outer.Destination, header.Key, link) is not { } tunnel)
            return;
        switch (icmp.Type, (IcmpUnreachableCode)icmp.Code)
        {
            case (IcmpType.DestinationUnreachable, IcmpUnreachableCode.FragmentationNeeded):
                Learn(tunnel, outer, icmp.NextHopMtu);
                break;
            case (IcmpType.DestinationUnreachable, not IcmpUnreachableCode.SourceRouteFailed):
            case (IcmpType.TimeExceeded, 0) when tunnel.Parameters.Ttl != 0:
                // Whom to tell is unknown without a remote: each packet may go to another far end.
                if (!tunnel.Parameters.Remote.IsAny)
                    tunnel.Failures.Add(time);
                break;
        }
    }

    private void Learn(Tunnel tunnel, in OuterPacket outer, int mtu)
    {
        var parameters = tunnel.Parameters;
        var route = underlay.Route(new(outer.Destination, outer.Source, outer.TypeOfService, parameters.Link, parameters.Mark));
        if (route.Found)
            pathMtus.Learn(outer.Destination, mtu, route.Mtu);
    }
}
