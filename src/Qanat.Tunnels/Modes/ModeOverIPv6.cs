using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>What the modes over IPv6 have in common (RFC 2473; net/ipv6/ip6_tunnel.c: ip6_tnl_xmit).</summary>
internal abstract class ModeOverIPv6 : Mode
{
    public override bool IsOverIPv6 => true;

    public override bool TellsOfNoRoute => true;

    public override byte OuterTos(TunnelParameters parameters, byte inner) =>
        parameters.IPv6.InheritTrafficClass ? inner : parameters.Tos;

    /// <summary>True when the inner packet's congestion marks go outside too (RFC 6040), whatever the traffic class.</summary>
    protected virtual bool PassesOnEcn => true;

    // A label by the flow, unless the user has set one or the inner packet's is to be taken (RFC 6438; ip6_make_flowlabel).
    public override OuterHeader Outer(
        Tunnel tunnel, in InnerPacket inner, in OuterRoute route, IpAddress remote, byte tos, bool dontFragment)
    {
        var parameters = tunnel.Parameters;
        var ipv6 = parameters.IPv6;
        var label = ipv6.InheritFlowLabel ? inner.FlowLabel : ipv6.FlowLabel;
        return OuterHeader.IPv6(
            PassesOnEcn ? EcnPropagation.Encapsulate(tos, inner.TypeOfService) : tos,
            label != 0 ? label : FlowHash.Of(inner) & IPv6Header.FlowLabelMask,
            parameters.Ttl != 0 ? parameters.Ttl : inner.TimeToLive, OuterProtocol(inner.Protocol),
            EncapLimit.ForOuter(inner, ipv6.EncapLimit), (parameters.Local.IsAny ? route.Source : parameters.Local).IPv6, remote.IPv6);
    }
}
