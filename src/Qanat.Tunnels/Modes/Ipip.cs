using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>IPv4 in IPv4: the inner packet follows the outer header at once (RFC 2003; net/ipv4/ipip.c).</summary>
internal sealed class Ipip : ITunnelMode
{
    public string Name => "ipip";

    public IpProtocol Protocol => IpProtocol.IpIp;

    public bool Carries(byte firstByte) => firstByte >> 4 == 4;
}
