using System.Text;

namespace Qanat.Packets;

/// <summary>Ethernet frames and ARP.</summary>
internal static class EthernetText
{
    /// <summary>Appends a frame.</summary>
    /// <param name="text">Where it goes.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="withHeader">Whether its addresses and type are said.</param>
    /// <param name="depth">How deep it lies.</param>
    public static void Append(StringBuilder text, ReadOnlySpan<byte> frame, bool withHeader, PacketNesting depth)
    {
        var length = frame.Length + depth.Missing;
        if (!EthernetHeader.TryParse(frame, out var header))
        {
            text.Append("[|ether]");
            return;
        }

        if (withHeader)
            AppendHeader(text, header, length);
        switch (header.EtherType)
        {
            case EtherType.IPv4 or EtherType.IPv6 when withHeader:
                AppendIP(text, header, depth);
                break;
            case EtherType.IPv4:
                text.Append("IP ");
                IPText.AppendIPv4(text, header.Payload, depth);
                break;
            case EtherType.IPv6:
                text.Append("IP6 ");
                IPText.AppendIPv6(text, header.Payload, depth);
                break;
            case EtherType.Arp:
                if (!withHeader)
                    text.Append("ARP, ");
                AppendArp(text, header.Payload, header.Payload.Length + depth.Missing);
                break;
            case < (EtherType)0x0600 when !withHeader:
                text.Append($"{header.Source} > {header.Destination}, 802.3, length {(int)header.EtherType}");
                break;
            case var type when !withHeader:
                text.Append($"{header.Source} > {header.Destination}, ethertype {NameOf(type)} (0x{(int)type:x4}), length {length}");
                break;
        }
    }

    private static void AppendIP(StringBuilder text, EthernetHeader header, PacketNesting depth)
    {
        if (header.EtherType == EtherType.IPv4)
            IPText.AppendIPv4(text, header.Payload, depth);
        else
            IPText.AppendIPv6(text, header.Payload, depth);
    }

    private static void AppendHeader(StringBuilder text, EthernetHeader header, int length)
    {
        text.Append($"{header.Source} > {header.Destination}");
        for (var i = 0; i < header.TagCount; i++)
        {
            var tag = header.Tag(i);
            text.Append(i == 0 ? $", ethertype {NameOf(tag.Type)} (0x{(int)tag.Type:x4}), length {length}: " : ", ");
            text.Append($"vlan {tag.Identifier}, p {tag.Priority}{(tag.DropEligible ? ", DEI" : "")}");
        }

        var type = header.EtherType;
        text.Append((int)type < 0x0600 ? ", 802.3" : $", ethertype {NameOf(type)} (0x{(int)type:x4})");
        text.Append(header.TagCount == 0 ? $", length {length}: " : ", ");
    }

    private static string NameOf(EtherType type) => type switch
    {
        EtherType.IPv4 => "IPv4",
        EtherType.IPv6 => "IPv6",
        EtherType.Arp => "ARP",
        EtherType.Vlan => "802.1Q",
        EtherType.ServiceVlan => "802.1Q-QinQ",
        EtherType.Mpls => "MPLS unicast",
        _ => "Unknown",
    };

    private static void AppendArp(StringBuilder text, ReadOnlySpan<byte> message, int length)
    {
        if (!ArpHeader.TryParse(message, out var arp))
        {
            text.Append($"[|arp], length {length}");
            return;
        }

        var (sender, target) = (arp.SenderProtocolAddress, arp.TargetProtocolAddress);
        switch (arp.Operation)
        {
            case ArpOperation.Request when sender == target:
                text.Append($"Announcement {sender}");
                break;
            case ArpOperation.Request when sender.IsAny:
                text.Append($"Probe {target}");
                break;
            case ArpOperation.Request:
                text.Append($"Request who-has {target}");
                if (arp.TargetHardwareAddress != default)
                    text.Append($" ({arp.TargetHardwareAddress})");
                text.Append($" tell {sender}");
                break;
            case ArpOperation.Reply:
                text.Append($"Reply {sender} is-at {arp.SenderHardwareAddress}");
                break;
            default:
                text.Append($"Unknown ({(int)arp.Operation})");
                break;
        }

        text.Append($", length {length}");
    }
}
