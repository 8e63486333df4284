using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// ICMP errors about our outer packets: a smaller MTU is learnt, other failures are kept for the inner senders
/// (net/ipv4/ipip.c: ipip_err).
/// </summary>
internal sealed class IcmpRelay(TunnelTable tunnels, IUnderlay underlay, PathMtuTable pathMtus, TimeProvider time)
{
    /// <summary>Takes in a batch of IPv4 packets that carry ICMP.</summary>
    public void Receive(PacketBatch errors)
    {
        for (var i = 0; i < errors.Count; i++)
            Receive(errors.Bytes(i), errors[i].Link);
    }

    private void Receive(ReadOnlySpan<byte> packet, int link)
    {
        if (!IPv4Header.TryParse(packet, out var ip) || ip.Protocol != IpProtocol.Icmp ||
            !IcmpHeader.TryParse(ip.Payload, out var icmp) || !icmp.HasValidChecksum ||
            !IPv4Header.TryParseQuoted(icmp.OriginalDatagram, out var outer))
            return;
        var tunnel = tunnels.Find(outer.Source, outer.Destination, link);
        if (tunnel is null || tunnel.Mode.Protocol != outer.Protocol)
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

    private void Learn(Tunnel tunnel, in IPv4Header outer, int mtu)
    {
        var route = underlay.Route(outer.Destination, outer.Source, outer.TypeOfService, tunnel.Parameters.Link);
        if (route.Found)
            pathMtus.Learn(outer.Destination, mtu, route.Mtu);
    }
}
