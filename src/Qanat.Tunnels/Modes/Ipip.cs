using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>IPv4 in IPv4: the inner packet follows the outer header at once (RFC 2003; net/ipv4/ipip.c).</summary>
/// <param name="carriesMpls">MPLS as well (RFC 4023), which has a protocol number of its own: <c>mode any</c>.</param>
internal sealed class Ipip(bool carriesMpls = false) : Mode
{
    public override string Name => "ipip";

    public override TunnelGroup Group => TunnelGroup.Ipip;

    public override bool CarriesAnything => carriesMpls;

    public override IReadOnlyList<IpProtocol> Receives { get; } = carriesMpls ? [IpProtocol.IpIp, IpProtocol.Mpls] : [IpProtocol.IpIp];

    public override bool Carries(EtherType protocol) => protocol == EtherType.IPv4 || carriesMpls && protocol == EtherType.Mpls;

    public override IpProtocol OuterProtocol(EtherType inner) => inner == EtherType.Mpls ? IpProtocol.Mpls : IpProtocol.IpIp;
}
