using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// IPv6 in IPv4 (RFC 4213), with a far end that is set, that is inside the inner address (6to4, RFC 3056; 6rd, RFC 5969), or
/// that the next hop names (net/ipv6/sit.c).
/// </summary>
/// <param name="ipv4">IPv4 as well, protocol 4: <c>mode any</c> and <c>mode ipip</c>.</param>
/// <param name="ipv6">IPv6, protocol 41.</param>
internal class Sit(bool ipv4 = false, bool ipv6 = true) : Mode
{
    public override string Name => "sit";

    public override TunnelGroup Group => TunnelGroup.Sit;

    public override int LeastMtu => IPv6Header.MinimumMtu;

    public override bool InsistsOnHost => true;

    public override IReadOnlyList<IpProtocol> Receives { get; } = (ipv4, ipv6) switch
    {
        (true, true) => [IpProtocol.IPv6, IpProtocol.IpIp],
        (true, false) => [IpProtocol.IpIp],
        _ => [IpProtocol.IPv6],
    };

    public override bool Carries(EtherType protocol) => protocol == EtherType.IPv6 && ipv6 || protocol == EtherType.IPv4 && ipv4;

    public override IpProtocol OuterProtocol(EtherType inner) => inner == EtherType.IPv4 ? IpProtocol.IpIp : IpProtocol.IPv6;

    // An IPv4 packet goes as it would in ipip (sit_tunnel_xmit).
    public override bool DontFragment(TunnelParameters parameters, in InnerPacket inner) =>
        parameters.PathMtuDiscovery || inner.IsIPv4 && inner.DontFragment;

    // Exactly 1 inherits; with any other bit set it is a number.
    public override byte OuterTos(TunnelParameters parameters, byte inner) => parameters.Tos == 1 ? inner : parameters.Tos;

    public override IpAddress FarEnd(Tunnel tunnel, in InnerPacket inner, IUnderlay underlay)
    {
        var parameters = tunnel.Parameters;
        if (!parameters.Remote.IsAny)
            return parameters.Remote;
        if (inner.IsIPv4)
            return base.FarEnd(tunnel, inner, underlay);
        if (SixRd.TryGetEmbedded(parameters.Sit, inner.Destination.IPv6, out var embedded) && !embedded.IsAny)
            return UsableFarEnd(parameters, embedded);
        return inner.Destination.IsMulticast ? default : UsableFarEnd(parameters, NextHop(tunnel, inner, underlay).IPv4);
    }

    // As packet_is_spoofed: what claims a 6to4 or 6rd address must come from there, and be for the address that it reached.
    public override DropReason? Refuses(
        Tunnel tunnel, in TunnelHeader header, in OuterPacket outer, ReadOnlySpan<byte> inner, IUnderlay underlay)
    {
        var parameters = tunnel.Parameters;
        if (!parameters.Remote.IsAny || !IPv6Header.TryParse(inner, out var packet))
            return null;
        if (BelongsElsewhere(parameters.Sit, packet.Source, outer.Source))
            return DropReason.SpoofedSource;
        // Behind NAT the outer address is not the one inside, but the inner prefix is still our own.
        return BelongsElsewhere(parameters.Sit, packet.Destination, outer.Destination) &&
            !underlay.IsOnLink(tunnel.Index, packet.Destination, SixRd.SitePrefixLength(parameters.Sit))
            ? DropReason.SpoofedSource
            : null;
    }

    /// <summary>
    /// A far end that somebody's packet names, or any where it is not a single other host (RFC 3964, 5.1): loops and floods
    /// would come of it.
    /// </summary>
    protected static IpAddress UsableFarEnd(TunnelParameters parameters, IPv4Address address) =>
        address.IsMulticast || address.IsLoopback || address.IsLimitedBroadcast || address == parameters.Local.IPv4 ? default : address;

    private static bool BelongsElsewhere(SitParameters domain, IPv6Address inner, IpAddress outer) =>
        SixRd.TryGetEmbedded(domain, inner, out var embedded) && outer.IPv4 != embedded;
}
