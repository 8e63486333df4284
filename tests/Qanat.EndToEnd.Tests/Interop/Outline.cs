using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>
/// A tunnel's packet in words, header by header from the outer one to the innermost, apart from the library under test and
/// without what two hosts cannot have in common: identifications, addresses, chosen source ports and flow labels, numbers of a
/// sequence, and the sums over them, which are checked instead.
/// </summary>
internal static class Outline
{
    private const int EthernetLength = 14;
    private const int Icmp = 1, IPv4 = 4, Udp = 17, IPv6 = 41, Fragment = 44, Gre = 47, Icmpv6 = 58, Options = 60, L2tp = 115;

    /// <summary>Ports of FOU (even) and GUE (odd) in these tests; 5550 and 5551 for IPv4 packets, GRE 5552, IPv6 5554.</summary>
    private const int FouIpip = 5550, Gue = 5551, FouGre = 5552, FouIPv6 = 5554;

    private const int Vxlan = 4789, L2tpPort = 1701;

    /// <summary>Describes a packet.</summary>
    /// <param name="packet">From its IP header on.</param>
    public static string Of(ReadOnlyMemory<byte> packet)
    {
        var text = new StringBuilder();
        Ip(text, packet.Span);
        return text.ToString();
    }

    private static void Ip(StringBuilder text, ReadOnlySpan<byte> packet)
    {
        if (packet.Length >= 20 && packet[0] >> 4 == 4)
            WriteIPv4(text, packet);
        else if (packet.Length >= 40 && packet[0] >> 4 == 6)
            WriteIPv6(text, packet);
        else
            text.Append("cut short");
    }

    private static void WriteIPv4(StringBuilder text, ReadOnlySpan<byte> packet)
    {
        var header = packet[..((packet[0] & 15) * 4)];
        var flags = Word(packet, 6);
        text.Append(CultureInfo.InvariantCulture,
            $"ip tos {packet[1]:x2} ttl {packet[8]} {((flags & 0x4000) != 0 ? "df " : "")}length {Word(packet, 2)}{Good(Sum(header, 0))}");
        var (offset, more) = ((flags & 0x1FFF) * 8, (flags & 0x2000) != 0);
        var pseudo = Sum(packet[12..20], packet[9]);
        Payload(text, packet[9], packet[header.Length..Math.Min(packet.Length, Word(packet, 2))], pseudo, offset, more);
    }

    private static void WriteIPv6(StringBuilder text, ReadOnlySpan<byte> packet)
    {
        var label = BinaryPrimitives.ReadUInt32BigEndian(packet) & 0xFFFFF;
        var (length, next) = (Word(packet, 4), packet[6]);
        text.Append(CultureInfo.InvariantCulture,
            $"ip6 class {Word(packet, 0) >> 4 & 0xFF:x2} hops {packet[7]} length {length} label {(label == 0x12345 ? "12345" : "any")}");
        var payload = packet[40..Math.Min(packet.Length, 40 + length)];
        if (next == Options)
        {
            var size = 8 + (payload[1] * 8);
            text.Append(CultureInfo.InvariantCulture, $" options {Convert.ToHexString(payload[2..size])}");
            next = payload[0];
            payload = payload[size..];
        }

        var (offset, more) = (0, false);
        if (next == Fragment)
        {
            (offset, more) = (Word(payload, 2) & 0xFFF8, (payload[3] & 1) != 0);
            next = payload[0];
            payload = payload[8..];
        }

        Payload(text, next, payload, Sum(packet[8..40], next), offset, more);
    }

    private static void Payload(StringBuilder text, int protocol, ReadOnlySpan<byte> payload, uint pseudo, int offset, bool more)
    {
        if (offset > 0 || more)
            text.Append(CultureInfo.InvariantCulture, $" fragment {offset}{(more ? "+" : "")} of {protocol}");
        text.Append(" | ");
        var whole = offset == 0 && !more;
        if (offset > 0)
            text.Append("...");
        else if (protocol is IPv4 or IPv6)
            Ip(text, payload);
        else if (protocol == Gre)
            WriteGre(text, payload, whole);
        else if (protocol == Udp)
            WriteUdp(text, payload, whole ? pseudo + (uint)payload.Length : null);
        else if (protocol == L2tp)
            WriteL2tp(text, payload);
        else if (protocol is Icmp or Icmpv6)
            text.Append(CultureInfo.InvariantCulture, $"{(IsEcho(protocol, payload) ? "echo " : "")}{protocol}/{payload[0]}/{payload[1]}");
        else
            text.Append(CultureInfo.InvariantCulture, $"protocol {protocol}");
    }

    private static bool IsEcho(int protocol, ReadOnlySpan<byte> payload) =>
        protocol == Icmp ? payload[0] is 8 or 0 : payload[0] is 128 or 129;

    // RFC 2784, RFC 2890: flags, protocol, then checksum, key and sequence as the flags say.
    private static void WriteGre(StringBuilder text, ReadOnlySpan<byte> packet, bool whole)
    {
        var (flags, protocol, at) = (Word(packet, 0), Word(packet, 2), 4);
        text.Append(CultureInfo.InvariantCulture, $"gre {flags:x4}");
        if ((flags & 0x8000) != 0)
        {
            text.Append(whole ? Good(Sum(packet, 0)) : "");
            at += 4;
        }

        if ((flags & 0x2000) != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" key {BinaryPrimitives.ReadUInt32BigEndian(packet[at..])}");
            at += 4;
        }

        if ((flags & 0x1000) != 0)
            at += 4;
        ByEtherType(text, protocol, packet[at..]);
    }

    private static void WriteUdp(StringBuilder text, ReadOnlySpan<byte> packet, uint? pseudo)
    {
        var (source, destination) = (Word(packet, 0), Word(packet, 2));
        var payload = packet[8..];
        text.Append(CultureInfo.InvariantCulture, $"udp {(source >= 32768 ? "flow" : source)} > {destination}");
        text.Append(Word(packet, 6) == 0 ? " no sum" : pseudo is { } start ? Good(Sum(packet, start)) : "");
        text.Append(" | ");
        if (destination == Gue)
        {
            var size = 4 + ((payload[0] & 31) * 4);
            text.Append(Convert.ToHexString(payload[..size])).Append(" | ");
            Payload(text, payload[1], payload[size..], 0, 0, size > 4); // What is left to the far end has no sum yet.
        }
        else if (destination is FouIpip or FouIPv6)
            Ip(text, payload);
        else if (destination == FouGre)
            WriteGre(text, payload, pseudo is not null);
        else if (destination == Vxlan)
            Frame(text.Append("vxlan ").Append(Convert.ToHexString(payload[..8])), payload[8..]);
        else if (destination == L2tpPort)
            WriteL2tp(text.Append(Convert.ToHexString(payload[..4])).Append(' '), payload[4..]);
    }

    // RFC 3931: the session, then a cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4, which only the ends know: where the
    // frame begins is told by the type in it, and by what follows that: a random address has the bytes of a type at times.
    private static void WriteL2tp(StringBuilder text, ReadOnlySpan<byte> packet)
    {
        var at = 4;
        while (at < 20 && (Word(packet, at + 12), packet[at + EthernetLength] >> 4) is not ((0x0800, 4) or (0x86DD, 6) or (0x0806, 0)))
            at += 4;
        var header = packet[..at].ToArray();
        if (at > 4 && header[^4] == 0x40) // the number of a sequence
            header.AsSpan(^3).Clear();
        text.Append("l2tp ").Append(Convert.ToHexString(header));
        Frame(text, packet[at..]);
    }

    private static void Frame(StringBuilder text, ReadOnlySpan<byte> frame)
    {
        text.Append(" | ethernet");
        ByEtherType(text, Word(frame, 12), frame[EthernetLength..]);
    }

    private static void ByEtherType(StringBuilder text, int type, ReadOnlySpan<byte> payload)
    {
        text.Append(CultureInfo.InvariantCulture, $" {type:x4}");
        if (type is 0x0800 or 0x86DD)
            Ip(text.Append(" | "), payload);
        else if (type == 0x6558)
            Frame(text, payload);
    }

    private static string Good(uint sum) => sum % 0xFFFF == 0 ? "" : " bad sum";

    private static uint Sum(ReadOnlySpan<byte> bytes, uint start)
    {
        var sum = start;
        for (var at = 0; at < bytes.Length; at++)
            sum += at % 2 == 0 ? (uint)bytes[at] << 8 : bytes[at];
        return sum;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
