using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>IPv4, IPv6 or both in IPv6: the inner packet follows the outer header at once (RFC 2473; net/ipv6/ip6_tunnel.c).</summary>
internal sealed class Ip6tnl(string name, bool ipv4, bool ipv6) : ModeOverIPv6
{
    public override string Name => name;

    public override TunnelGroup Group => TunnelGroup.Ip6tnl;

    public override IReadOnlyList<IpProtocol> Receives { get; } = (ipv4, ipv6) switch
    {
        (true, true) => [IpProtocol.IpIp, IpProtocol.IPv6],
        (true, false) => [IpProtocol.IpIp],
        _ => [IpProtocol.IPv6],
    };

    public override bool Carries(EtherType protocol) => protocol == EtherType.IPv4 && ipv4 || protocol == EtherType.IPv6 && ipv6;

    public override IpProtocol OuterProtocol(EtherType inner) => inner == EtherType.IPv4 ? IpProtocol.IpIp : IpProtocol.IPv6;
}
