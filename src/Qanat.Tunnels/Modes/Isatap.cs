using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// IPv6 in IPv4 within a site (RFC 5214): the neighbour's address has its IPv4 address in it, and of all others only those on
/// the list of potential routers are believed (net/ipv6/sit.c: IFF_ISATAP, isatap_chksrc).
/// </summary>
internal sealed class Isatap : Sit
{
    public override string Name => "isatap";

    public override IpAddress FarEnd(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay)
    {
        if (inner.Destination.IsMulticast)
            return default;
        var neighbour = underlay.NextHop(tunnel.Index, inner.Source, inner.Destination);
        return neighbour.IsIPv6 && IsatapAddress.TryGetEmbedded(neighbour.IPv6, out var embedded)
            ? UsableFarEnd(tunnel.Parameters, embedded)
            : default;
    }

    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay)
    {
        if (!IPv6Header.TryParse(inner, out var packet))
            return null;
        var routing = RoutingMessage(packet);
        if (tunnel.Parameters.Sit.Routers.TryFind(outer.Source.IPv4, out var router))
        {
            if (routing == Icmpv6Type.RouterAdvertisement)
                tunnel.Solicitations?.Heard(router.Address, packet);
            // What is no default router may advertise prefixes, but not send hosts elsewhere (ndisc_redirect_rcv).
            return routing == Icmpv6Type.Redirect && !router.IsDefault ? DropReason.SpoofedSource : null;
        }
        var isNeighbour = IsatapAddress.TryGetEmbedded(packet.Source, out var embedded) && embedded == outer.Source.IPv4 &&
            underlay.IsOnLink(tunnel.Index, packet.Source);
        return isNeighbour && routing is null ? null : DropReason.SpoofedSource;
    }

    // What the kernel takes from routers alone (NDISC_NODETYPE_HOST); on a TUN device it cannot know who is one.
    private static Icmpv6Type? RoutingMessage(IPv6Header packet) =>
        packet.NextHeader == IpProtocol.Icmpv6 && Icmpv6Header.TryParse(packet.Payload, out var message) &&
        message.Type is Icmpv6Type.RouterAdvertisement or Icmpv6Type.Redirect
            ? message.Type
            : null;
}
