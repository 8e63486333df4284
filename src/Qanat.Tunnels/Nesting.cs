using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>Packets inside packets, which a loop of tunnels would wrap without end.</summary>
internal static class Nesting
{
    /// <summary>Tunnels inside tunnels that a packet may be wrapped in (the kernel's limit against loops).</summary>
    private const int Limit = 5;

    /// <summary>True when <paramref name="packet"/> is IP in IP, or in GRE, more than five deep.</summary>
    public static bool IsTooDeep(ReadOnlySpan<byte> packet)
    {
        for (var depth = 1; TryUnwrap(ref packet);)
            if (++depth > Limit)
                return true;
        return false;
    }

    private static bool TryUnwrap(ref ReadOnlySpan<byte> packet)
    {
        var isIPv4 = IPv4Header.TryParse(packet, out var ipv4) && !ipv4.IsFragment;
        if (!IPv6Header.TryParse(packet, out var ipv6) && !isIPv4)
            return false;
        packet = isIPv4 ? ipv4.Payload : ipv6.Payload;
        switch (isIPv4 ? ipv4.Protocol : ipv6.NextHeader)
        {
            case IpProtocol.IpIp or IpProtocol.IPv6:
                return true;
            case IpProtocol.Gre when GreHeader.TryParse(packet, out var gre):
                packet = gre.Payload;
                return true;
            default:
                return false;
        }
    }
}
