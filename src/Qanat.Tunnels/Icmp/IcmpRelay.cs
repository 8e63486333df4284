using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// ICMP errors about our outer packets: a smaller MTU is learnt, other failures are passed on to the inner sender at once where
/// an IPv6 packet was quoted well enough, and kept for later ones where not (net/ipv4/ipip.c: ipip_err; net/ipv4/ip_gre.c:
/// ipgre_err; net/ipv6/sit.c: ipip6_err; net/ipv6/icmp.c: ip6_err_gen_icmpv6_unreach).
/// </summary>
internal sealed class IcmpRelay(
    TunnelRegistry tunnels, IUnderlay underlay, PathMtuTable pathMtus, IcmpReporter reporter, TimeProvider time)
{
    private const int LeastQuotedPayload = 8; // as much as ports take

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
        var inUdp = outer.Protocol == IpProtocol.Udp;
        if (tunnels.FindSender(ref outer, link, out var header) is not { } tunnel)
            return;
        switch (icmp.Type, (IcmpUnreachableCode)icmp.Code)
        {
            case (IcmpType.DestinationUnreachable, IcmpUnreachableCode.FragmentationNeeded):
                Learn(tunnel, outer, icmp.NextHopMtu);
                break;
            // Of what is in UDP ip_gre looks for its header in the wrong place, and VXLAN listens to no more than this.
            case var _ when inUdp && outer.Protocol is IpProtocol.Gre or IpProtocol.Udp:
                break;
            // Whoever has no such tunnel says so; only ip_gre takes it for impossible.
            case (IcmpType.DestinationUnreachable, IcmpUnreachableCode.Port) when outer.Protocol == IpProtocol.Gre:
                break;
            case (IcmpType.DestinationUnreachable, not IcmpUnreachableCode.SourceRouteFailed):
            case (IcmpType.TimeExceeded, 0):
                if (inUdp || !TryTranslate(tunnel, icmp, header, outer))
                    Remember(tunnel, icmp.Type);
                break;
        }
    }

    private bool TryTranslate(Tunnel tunnel, IcmpHeader icmp, in TunnelHeader header, in OuterPacket outer)
    {
        if (header.Protocol != EtherType.IPv6 || outer.Payload.Length < header.Length + IPv6Header.Size + LeastQuotedPayload)
            return false;
        var error = icmp.Type == IcmpType.TimeExceeded
            ? Icmpv6Error.HopLimitExceeded
            : Icmpv6Error.Unreachable(Icmpv6UnreachableCode.Address);
        reporter.Translated(outer.Payload[header.Length..], tunnel.Index, error, extensions: icmp.Body[icmp.OriginalDatagram.Length..]);
        reporter.Flush();
        return true;
    }

    // Whom to tell is unknown without a remote, for each packet may go to another far end; and a TTL that is the sender's own
    // ran out for the sender alone.
    private void Remember(Tunnel tunnel, IcmpType type)
    {
        var parameters = tunnel.Parameters;
        if (!parameters.Remote.IsAny && !parameters.Remote.IsMulticast && (type != IcmpType.TimeExceeded || parameters.Ttl != 0))
            tunnel.Failures.Add(time);
    }

    private void Learn(Tunnel tunnel, in OuterPacket outer, int mtu)
    {
        var parameters = tunnel.Parameters;
        var route = underlay.Route(new(outer.Destination, outer.Source, outer.TypeOfService, parameters.Link, parameters.Mark));
        if (route.Found)
            pathMtus.Learn(outer.Destination, mtu, route.Mtu);
    }
}
