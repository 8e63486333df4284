using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>
/// A device over IPsec in tunnel mode (net/ipv4/ip_vti.c, net/ipv6/ip6_vti.c): its keys are the marks that policies and states
/// are looked up with. <see cref="IpsecEncapsulator"/> makes the packets, and the decapsulator opens them.
/// </summary>
internal sealed class Vti(string name, TunnelGroup group, bool isOverIPv6) : Mode
{
    public override string Name => name;

    public override TunnelGroup Group => group;

    public override bool IsOverIPv6 => isOverIPv6;

    public override bool IsSealed => true;

    public override bool Carries(EtherType protocol) => protocol is EtherType.IPv4 or EtherType.IPv6;

    public override IpProtocol OuterProtocol(EtherType inner) => IpProtocol.Esp;
}
