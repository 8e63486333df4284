using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The tunnel encapsulation limit: a destination option that says how many more tunnels a packet may enter (RFC 2473, 4.1.1;
/// net/ipv6/ip6_tunnel.c: ip6_tnl_parse_tlv_enc_lim).
/// </summary>
internal static class EncapLimit
{
    private const byte OptionType = 4, Pad1 = 0;

    /// <summary>
    /// The limit of the outer packet: one less than the inner packet's own, else the tunnel's; null for none. An inner limit
    /// of 0 forbids any outer packet: ask <see cref="IsExhausted"/> first.
    /// </summary>
    public static byte? ForOuter(in InnerPacket inner, byte? tunnels) =>
        inner.IsIPv6 && TryFind(inner.Packet, out _, out var limit) ? (byte)Math.Max(0, limit - 1) : tunnels;

    /// <summary>True when the packet may enter no further tunnel; <paramref name="offset"/> is the place that says so.</summary>
    public static bool IsExhausted(in InnerPacket inner, out int offset)
    {
        offset = 0;
        return inner.IsIPv6 && TryFind(inner.Packet, out offset, out var limit) && limit == 0;
    }

    // The offset is that of the limit itself, from the start of the packet. Only the first headers are searched, for a limit
    // stands in front of anything else that is addressed to the far end.
    private static bool TryFind(ReadOnlySpan<byte> packet, out int offset, out byte limit)
    {
        (offset, limit) = (0, 0);
        var next = (IpProtocol)packet[IPv6Header.NextHeaderOffset];
        var at = IPv6Header.Size;
        for (var headers = 0; headers < IPv6ExtensionChain.MaxHeaders; headers++)
        {
            if (next is not (IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions) || at + 8 > packet.Length)
                return false;
            var end = at + (packet[at + 1] + 1) * 8;
            if (end > packet.Length)
                return false;
            if (next == IpProtocol.DestinationOptions && TryFind(packet[..end], at + 2, out offset, out limit))
                return true;
            (next, at) = ((IpProtocol)packet[at], end);
        }
        return false;
    }

    private static bool TryFind(ReadOnlySpan<byte> packet, int at, out int offset, out byte limit)
    {
        (offset, limit) = (0, 0);
        while (at < packet.Length)
        {
            if (packet[at] == Pad1)
            {
                at++;
                continue;
            }
            if (at + 2 > packet.Length)
                return false;
            if (packet[at] == OptionType && packet[at + 1] == 1 && at + 2 < packet.Length)
            {
                (offset, limit) = (at + 2, packet[at + 2]);
                return true;
            }
            at += 2 + packet[at + 1];
        }
        return false;
    }
}
