using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>Packets inside packets, which a loop of tunnels would wrap without end.</summary>
internal static class Nesting
{
    /// <summary>Tunnels inside tunnels that a packet may be wrapped in (the kernel's limit against loops).</summary>
    private const int Limit = 5;

    /// <summary>True when <paramref name="packet"/> is IP in IP, in GRE or in minimal encapsulation, more than five deep.</summary>
    public static bool IsTooDeep(ReadOnlySpan<byte> packet)
    {
        if (!TryEnter(ref packet, out var protocol))
            return false;
        for (var depth = 1; TryUnwrap(ref packet, ref protocol);)
            if (++depth > Limit)
                return true;
        return false;
    }

    private static bool TryUnwrap(ref ReadOnlySpan<byte> payload, ref IpProtocol protocol)
    {
        switch (protocol)
        {
            case IpProtocol.IpIp or IpProtocol.IPv6:
                return TryEnter(ref payload, out protocol);
            case IpProtocol.Gre when GreHeader.TryParse(payload, out var gre):
                payload = gre.Payload;
                return TryEnter(ref payload, out protocol);
            case IpProtocol.MinimalEncapsulation when MinimalForwardingHeader.TryParse(payload, out var minimal):
                payload = minimal.Payload; // which has no IP header of its own
                protocol = minimal.Protocol;
                return true;
            default:
                return false;
        }
    }

    // What an IP packet carries, and its protocol.
    private static bool TryEnter(ref ReadOnlySpan<byte> packet, out IpProtocol protocol)
    {
        protocol = default;
        if (IPv4Header.TryParse(packet, out var ipv4) && !ipv4.IsFragment)
        {
            protocol = ipv4.Protocol;
            packet = ipv4.Payload;
            return true;
        }
        if (!IPv6Header.TryParse(packet, out var ipv6))
            return false;
        protocol = ipv6.NextHeader;
        packet = ipv6.Payload;
        return true;
    }
}
