using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Qanat.Packets;

/// <summary>GRE, ESP, and the tunnels over UDP that have ports of their own.</summary>
internal static class TunnelText
{
    private const ushort VxlanPort = 4789, GenevePort = 6081, IpsecPort = 4500;

    /// <summary>Appends a GRE packet (RFC 2784, RFC 2890): <c>C|R|K|S ... version | protocol | checksum, key, sequence</c>.</summary>
    public static void AppendGre(StringBuilder text, ReadOnlySpan<byte> packet, in CarriedPayload carried)
    {
        const int checksum = 0x8000, routing = 0x4000, key = 0x2000, sequence = 0x1000;
        if (packet.Length < 4)
        {
            text.Append("[|gre]");
            return;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(packet);
        var protocol = (EtherType)BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        text.Append($"GREv{flags & 7}");
        var rest = packet[4..];
        var whole = (flags & (checksum | routing)) == 0 || TryAppend(text, ", off 0x{0:x}", 0xFFFF, ref rest);
        whole = whole && ((flags & key) == 0 || TryAppend(text, ", key=0x{0:x}", uint.MaxValue, ref rest));
        whole = whole && ((flags & sequence) == 0 || TryAppend(text, ", seq {0}", uint.MaxValue, ref rest));
        if (!whole)
        {
            text.Append(" [|gre]");
            return;
        }

        text.Append($", length {carried.Length}: ");
        switch (protocol)
        {
            case EtherType.IPv4 or EtherType.IPv6 when carried.Depth.MayGoOn:
                PacketText.AppendNetwork(text, rest, carried.Inside(packet));
                break;
            case EtherType.TransparentEthernet when carried.Depth.MayGoOn:
                EthernetText.Append(text, rest, withHeader: false, carried.Inside(packet));
                break;
            default:
                text.Append($"gre-proto-0x{(int)protocol:x}");
                break;
        }
    }

    /// <summary>Appends an ESP packet (RFC 4303): its index and sequence number; the rest is secret.</summary>
    public static void AppendEsp(StringBuilder text, ReadOnlySpan<byte> packet, int length) => text.Append(packet.Length <= 8
        ? "ESP [|esp]"
        : $"ESP(spi=0x{BinaryPrimitives.ReadUInt32BigEndian(packet):x8},seq=0x{BinaryPrimitives.ReadUInt32BigEndian(packet[4..]):x}), " +
            $"length {length}");

    /// <summary>Appends what a datagram carries, if one of its ports is a tunnel's.</summary>
    public static bool TryAppendOverUdp(
        StringBuilder text, ushort source, ushort destination, ReadOnlySpan<byte> payload, in CarriedPayload carried)
    {
        var inner = carried.Depth.Inside(Math.Max(0, carried.Length - UdpHeader.Size - payload.Length));
        switch (destination)
        {
            case VxlanPort when payload.Length >= 8:
                text.Append($"VXLAN, flags [{((payload[0] & 8) != 0 ? "I" : ".")}] (0x{payload[0]:x2}), vni {Identifier(payload[4..])}: ");
                AppendFrame(text, payload[8..], inner);
                return true;
            case GenevePort when payload.Length >= 8:
                AppendGeneve(text, payload, inner);
                return true;
        }

        if (destination != IpsecPort && source != IpsecPort)
            return false;
        if (payload is [0xFF])
            text.Append("isakmp-nat-keep-alive");
        else if (payload.Length < 4 && inner.Missing > 0)
            text.Append("[|isakmp]");
        else if (payload.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(payload) == 0)
            text.Append("NONESP-encap: isakmp");
        else
            AppendEsp(text.Append("UDP-encap: "), payload, carried.Length - UdpHeader.Size);
        return true;
    }

    // RFC 8926, 3.4: version and length of options (in words) | O and C | protocol | identifier.
    private static void AppendGeneve(StringBuilder text, ReadOnlySpan<byte> payload, PacketNesting inner)
    {
        var options = (payload[0] & 0x3F) * 4;
        var flags = (payload[1] >> 6) switch { 0 => "none", 1 => "C", 2 => "O", _ => "OC" };
        text.Append($"Geneve, Flags [{flags}], vni 0x{Identifier(payload[4..]):x}{(options > 0 ? $", options [{options} bytes]" : "")}: ");
        var inside = payload[Math.Min(payload.Length, 8 + options)..];
        var protocol = (EtherType)BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        if (protocol == EtherType.TransparentEthernet)
            AppendFrame(text, inside, inner);
        else if (protocol is EtherType.IPv4 or EtherType.IPv6 && inner.MayGoOn)
            PacketText.AppendNetwork(text, inside, inner);
        else
            text.Append($"geneve-proto-0x{(int)protocol:x}");
    }

    private static void AppendFrame(StringBuilder text, ReadOnlySpan<byte> frame, PacketNesting inner)
    {
        if (inner.MayGoOn)
            EthernetText.Append(text, frame, withHeader: false, inner);
        else
            text.Append("...");
    }

    private static int Identifier(ReadOnlySpan<byte> bytes) => bytes[0] << 16 | bytes[1] << 8 | bytes[2];

    // An optional field; false when it is not there.
    private static bool TryAppend(StringBuilder text, string format, uint mask, ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 4)
            return false;
        text.AppendFormat(CultureInfo.InvariantCulture, format, BinaryPrimitives.ReadUInt32BigEndian(rest) & mask);
        rest = rest[4..];
        return true;
    }
}
