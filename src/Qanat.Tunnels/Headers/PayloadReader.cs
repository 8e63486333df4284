using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// Reads what an outer header carries, as far as it takes to know whose it is: the protocol's own header, and the group of
/// tunnels to look in.
/// </summary>
internal static class PayloadReader
{
    private const EtherType Wccp = (EtherType)0x883E;

    /// <summary>
    /// Reads the payload of <paramref name="outer"/>. False, with the reason, when it is malformed, and with
    /// <paramref name="known"/> false when no mode has such packets.
    /// </summary>
    public static bool TryRead(in OuterPacket outer, out TunnelHeader header, out TunnelGroup group, out DropReason fault, out bool known)
    {
        (header, group, fault, known) = (default, default, DropReason.OuterHeader, true);
        switch (outer.Protocol, outer.IsIPv6)
        {
            case (IpProtocol.IpIp, false):
                (header, group) = (new(0, EtherType.IPv4), TunnelGroup.Ipip);
                return true;
            case (IpProtocol.Mpls, false):
                (header, group) = (new(0, EtherType.Mpls), TunnelGroup.Ipip);
                return true;
            case (IpProtocol.MinimalEncapsulation, false):
                group = TunnelGroup.Minimal;
                return TryReadMinimal(outer.Payload, out header, out fault);
            case (IpProtocol.IPv6, false):
                (header, group) = (new(0, EtherType.IPv6), TunnelGroup.Sit);
                return true;
            case (IpProtocol.IpIp, true):
                (header, group) = (new(0, EtherType.IPv4), TunnelGroup.Ip6tnl);
                return true;
            case (IpProtocol.IPv6, true):
                (header, group) = (new(0, EtherType.IPv6), TunnelGroup.Ip6tnl);
                return true;
            case (IpProtocol.Gre, var isIPv6):
                var read = TryReadGre(outer.Payload, out header, out fault);
                var isFrame = header.Protocol == EtherType.TransparentEthernet;
                group = isIPv6
                    ? isFrame ? TunnelGroup.Ip6gretap : TunnelGroup.Ip6gre
                    : isFrame ? TunnelGroup.Gretap : TunnelGroup.Gre;
                return read;
            case (IpProtocol.Esp, var overIPv6): // for errors about our own packets; what arrives is opened first
                (header, group) = (new(0, EtherType.IPv4), overIPv6 ? TunnelGroup.Vti6 : TunnelGroup.Vti);
                return true;
            case (IpProtocol.L2tp, _):
                var parsed = L2tpHeader.TryParse(outer.Payload, overUdp: false, out var l2tp);
                header = new(l2tp.Length, EtherType.TransparentEthernet) { Key = Modes.L2tp.KeyOf(0, l2tp.SessionId) };
                (group, fault) = (TunnelGroup.L2tp, DropReason.TunnelHeader);
                return parsed;
            default:
                known = false;
                return false;
        }
    }

    private static bool TryReadMinimal(ReadOnlySpan<byte> payload, out TunnelHeader header, out DropReason fault)
    {
        (header, fault) = (default, DropReason.TunnelHeader);
        if (!MinimalForwardingHeader.TryParse(payload, out var minimal))
            return false;
        (header, fault) = (new(minimal.Length, EtherType.IPv4), DropReason.ChecksumError);
        return minimal.HasValidChecksum;
    }

    private static bool TryReadGre(ReadOnlySpan<byte> payload, out TunnelHeader header, out DropReason fault)
    {
        (header, fault) = (default, DropReason.TunnelHeader);
        if (!GreHeader.TryParse(payload, out var gre))
            return false;
        var (length, protocol) = (gre.Length, gre.Protocol);
        // Web cache redirection has a protocol number of its own, and version 2 four bytes more (gre_parse_header).
        if (protocol == Wccp && length == GreHeader.MinSize)
        {
            protocol = EtherType.IPv4;
            if (gre.Payload.IsEmpty || gre.Payload[0] >> 4 != 4)
                length += 4;
        }
        header = new(length, protocol) { Key = gre.Key, HasChecksum = gre.HasChecksum, Sequence = gre.Sequence };
        if (length > payload.Length)
            return false;
        fault = DropReason.ChecksumError;
        return !gre.HasChecksum || GreHeader.HasValidChecksum(payload);
    }
}
