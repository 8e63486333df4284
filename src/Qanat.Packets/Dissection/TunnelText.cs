using System.Buffers.Binary;
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
        if ((flags & (checksum | routing)) != 0 && TryTake(ref rest, out var word))
            text.Append($", off 0x{word & 0xFFFF:x}");
        if ((flags & key) != 0 && TryTake(ref rest, out word))
            text.Append($", key=0x{word:x}");
        if ((flags & sequence) != 0 && TryTake(ref rest, out word))
            text.Append($", seq {word}");
        text.Append($", length {carried.Length}: ");
        switch (protocol)
        {
            case EtherType.IPv4 or EtherType.IPv6 when carried.Depth.MayGoOn:
                PacketText.AppendNetwork(text, rest, carried.Depth.Inside);
                break;
            case EtherType.TransparentEthernet when carried.Depth.MayGoOn:
                EthernetText.Append(text, rest, rest.Length, withHeader: false, carried.Depth.Inside);
                break;
            default:
                text.Append($"gre-proto-0x{(int)protocol:x}");
                break;
        }
    }

    /// <summary>Appends an ESP packet (RFC 4303): its index and sequence number; the rest is secret.</summary>
    public static void AppendEsp(StringBuilder text, ReadOnlySpan<byte> packet, int length) => text.Append(packet.Length < 8
        ? "ESP [|esp]"
        : $"ESP(spi=0x{BinaryPrimitives.ReadUInt32BigEndian(packet):x8},seq=0x{BinaryPrimitives.ReadUInt32BigEndian(packet[4..]):x}), " +
            $"length {length}");

    /// <summary>Appends what a datagram carries, if one of its ports is a tunnel's.</summary>
    public static bool TryAppendOverUdp(
        StringBuilder text, ushort source, ushort destination, ReadOnlySpan<byte> payload, in CarriedPayload carried)
    {
        switch (destination)
        {
            case VxlanPort when payload.Length >= 8:
                text.Append($"VXLAN, flags [{((payload[0] & 8) != 0 ? "I" : ".")}] (0x{payload[0]:x2}), vni {Identifier(payload[4..])}: ");
                AppendFrame(text, payload[8..], carried);
                return true;
            case GenevePort when payload.Length >= 8:
                text.Append($"Geneve, Flags [none], vni 0x{Identifier(payload[4..]):x}: ");
                AppendFrame(text, payload[Math.Min(payload.Length, 8 + (payload[0] & 0x3F) * 4)..], carried);
                return true;
        }

        if (destination != IpsecPort && source != IpsecPort)
            return false;
        if (payload is [0xFF])
            text.Append("isakmp-nat-keep-alive");
        else if (payload.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(payload) == 0)
            text.Append("NONESP-encap: isakmp");
        else
            AppendEsp(text.Append("UDP-encap: "), payload, carried.Length - UdpHeader.Size);
        return true;
    }

    private static void AppendFrame(StringBuilder text, ReadOnlySpan<byte> frame, in CarriedPayload carried)
    {
        if (carried.Depth.MayGoOn)
            EthernetText.Append(text, frame, frame.Length, withHeader: false, carried.Depth.Inside);
        else
            text.Append("...");
    }

    private static int Identifier(ReadOnlySpan<byte> bytes) => bytes[0] << 16 | bytes[1] << 8 | bytes[2];

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out uint word)
    {
        word = 0;
        if (rest.Length < 4)
            return false;
        word = BinaryPrimitives.ReadUInt32BigEndian(rest);
        rest = rest[4..];
        return true;
    }
}
