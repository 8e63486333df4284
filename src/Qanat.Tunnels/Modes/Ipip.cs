using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>IPv4 in IPv4: the inner packet follows the outer header at once (RFC 2003; net/ipv4/ipip.c).</summary>
internal sealed class Ipip : Mode
{
    public override string Name => "ipip";

    public override TunnelGroup Group => TunnelGroup.Ipip;

    public override bool Carries(EtherType protocol) => protocol == EtherType.IPv4;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.IpIp;
}
