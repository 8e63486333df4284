using System.Text;

namespace Qanat.Packets;

/// <summary>IPv4 and IPv6 packets, without their names in front, and whatever they carry.</summary>
internal static class IPText
{
    /// <summary>Appends an IPv4 packet.</summary>
    public static void AppendIPv4(StringBuilder text, ReadOnlySpan<byte> packet, PacketNesting depth)
    {
        if (!IPv4Header.TryParseQuoted(packet, out var header))
        {
            text.Append("[|ip]");
            return;
        }

        var onWire = packet.Length + depth.Missing;
        if (header.TotalLength > onWire)
            text.Append($"truncated-ip - {header.TotalLength - onWire} bytes missing! ");
        var length = Math.Max(0, header.TotalLength - header.HeaderLength);
        var payload = header.Payload[..Math.Min(length, header.Payload.Length)];
        if (header.FragmentOffset > 0)
        {
            text.Append($"{header.Source} > {header.Destination}: {NameOfFragment(header.Protocol)}");
            return;
        }

        AppendPayload(text, new(header.Source.ToString(), header.Destination.ToString(), header.Protocol, length, depth), payload);
    }

    /// <summary>Appends an IPv6 packet.</summary>
    public static void AppendIPv6(StringBuilder text, ReadOnlySpan<byte> packet, PacketNesting depth)
    {
        if (!IPv6Header.TryParseQuoted(packet, out var header))
        {
            text.Append("[|ip6]");
            return;
        }

        var onWire = header.Payload.Length + depth.Missing;
        if (header.PayloadLength > onWire)
            text.Append($"truncated-ip6 - {header.PayloadLength - onWire} bytes missing!");
        packet = packet[..Math.Min(packet.Length, IPv6Header.Size + header.PayloadLength)];
        var between = new StringBuilder();
        var (source, destination) = (header.Source.ToString(), header.Destination.ToString());
        var (next, offset) = (header.NextHeader, IPv6Header.Size);
        for (var left = IPv6ExtensionChain.MaxHeaders; left > 0 && IsExtension(next); left--)
        {
            if (packet.Length - offset < (next == IpProtocol.Fragment ? 4 : 8))
            {
                text.Append($"{source} > {destination}: {between}[|{NameOf(next)}]");
                return;
            }

            var extension = packet[offset..];
            if (next == IpProtocol.Fragment)
            {
                var position = (extension[2] << 8 | extension[3]) & ~7;
                between.Append($"frag ({position}|{IPv6Header.Size + header.PayloadLength - offset - 8})");
                if (position == 0)
                    between.Append(' ');
                if (position > 0 || (packet.Length - offset <= 8 && depth.Missing > 0))
                {
                    text.Append($"{source} > {destination}: {between}");
                    return;
                }
            }
            else
            {
                between.Append($"{NameOf(next)} ");
            }

            offset += next switch
            {
                IpProtocol.Fragment => 8,
                IpProtocol.Ah => (extension[1] + 2) * 4,
                _ => (extension[1] + 1) * 8,
            };
            next = (IpProtocol)extension[0];
        }

        var length = Math.Max(0, IPv6Header.Size + header.PayloadLength - offset);
        var carried = new CarriedPayload(source, destination, next, length, depth) { Between = between.ToString(), IsIPv6 = true };
        AppendPayload(text, carried, offset <= packet.Length ? packet[offset..] : []);
    }

    private static void AppendPayload(StringBuilder text, in CarriedPayload carried, ReadOnlySpan<byte> payload)
    {
        switch (carried.Protocol)
        {
            case IpProtocol.Tcp:
                TransportText.AppendTcp(text, carried, payload);
                return;
            case IpProtocol.Udp:
                TransportText.AppendUdp(text, carried, payload);
                return;
        }

        text.Append($"{carried.Source} > {carried.Destination}: {carried.Between}");
        switch (carried.Protocol)
        {
            case IpProtocol.Icmp:
                IcmpText.Append(text, payload, carried.Length);
                break;
            case IpProtocol.Icmpv6:
                Icmpv6Text.Append(text, payload, carried.Length);
                break;
            case IpProtocol.IpIp or IpProtocol.IPv6 when carried.Depth.MayGoOn:
                PacketText.AppendNetwork(text, payload, carried.Inside(payload));
                break;
            case IpProtocol.Gre:
                TunnelText.AppendGre(text, payload, carried);
                break;
            case IpProtocol.Esp:
                TunnelText.AppendEsp(text, payload, carried.Length);
                break;
            case IpProtocol.NoNextHeader:
                text.Append("no next header");
                break;
            case IpProtocol.Igmp:
                text.Append($"igmp, length {carried.Length}");
                break;
            case IpProtocol.Sctp:
                text.Append($"sctp, length {carried.Length}");
                break;
            default:
                text.Append($" ip-proto-{(int)carried.Protocol} {carried.Length}");
                break;
        }
    }

    private static bool IsExtension(IpProtocol protocol) => protocol is
        IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.Fragment or IpProtocol.DestinationOptions or IpProtocol.Ah;

    private static string NameOf(IpProtocol extension) => extension switch
    {
        IpProtocol.HopByHopOptions => "HBH",
        IpProtocol.Routing => "RT",
        IpProtocol.Fragment => "frag",
        IpProtocol.Ah => "AH",
        _ => "DSTOPT",
    };

    private static string NameOfFragment(IpProtocol protocol) => $"ip-proto-{(int)protocol}";
}

/// <summary>What an IP packet says of its payload.</summary>
/// <param name="Source">The packet's source.</param>
/// <param name="Destination">Its destination.</param>
/// <param name="Protocol">What the payload is.</param>
/// <param name="Length">Its bytes on the wire.</param>
/// <param name="Depth">How deep the packet lies.</param>
internal readonly record struct CarriedPayload(string Source, string Destination, IpProtocol Protocol, int Length, PacketNesting Depth)
{
    /// <summary>Words about the headers between, with a space behind.</summary>
    public string Between { get; init; } = "";

    /// <summary>Whether the packet is IPv6.</summary>
    public bool IsIPv6 { get; init; }

    /// <summary>The nesting of what lies at the end of the payload.</summary>
    /// <param name="payload">What there is of the payload.</param>
    public PacketNesting Inside(ReadOnlySpan<byte> payload) => Depth.Inside(Math.Max(0, Length - payload.Length));
}
