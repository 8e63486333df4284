using System.Buffers.Binary;
using System.Text;

namespace Qanat.Packets;

/// <summary>TCP segments and UDP datagrams; their ports stand beside the addresses.</summary>
internal static class TransportText
{
    private static readonly (TcpFlags Flag, char Letter)[] Letters =
    [
        (TcpFlags.Fin, 'F'), (TcpFlags.Syn, 'S'), (TcpFlags.Rst, 'R'), (TcpFlags.Psh, 'P'), (TcpFlags.Ack, '.'), (TcpFlags.Urg, 'U'),
        (TcpFlags.Ece, 'E'), (TcpFlags.Cwr, 'W'),
    ];

    /// <summary>Appends a TCP segment, with absolute sequence numbers.</summary>
    public static void AppendTcp(StringBuilder text, in CarriedPayload carried, ReadOnlySpan<byte> segment)
    {
        if (!TcpHeader.TryParse(segment, out var header))
        {
            text.Append($"{carried.Source} > {carried.Destination}: {carried.Between}[|tcp]");
            return;
        }

        var length = Math.Max(0, carried.Length - header.HeaderLength);
        var flags = header.Flags;
        text.Append($"{carried.Source}.{header.SourcePort} > {carried.Destination}.{header.DestinationPort}: {carried.Between}Flags [");
        var before = text.Length;
        foreach (var (flag, letter) in Letters)
            if ((flags & flag) != 0)
                text.Append(letter);
        if (text.Length == before)
            text.Append("none");
        text.Append(']');
        if (length > 0 || (flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) != 0)
            text.Append($", seq {header.SequenceNumber}");
        if (length > 0)
            text.Append($":{unchecked(header.SequenceNumber + (uint)length)}");
        if ((flags & TcpFlags.Ack) != 0)
            text.Append($", ack {header.AcknowledgmentNumber}");
        text.Append($", win {header.Window}");
        if ((flags & TcpFlags.Urg) != 0)
            text.Append($", urg {header.UrgentPointer}");
        AppendOptions(text, header.Options);
        text.Append($", length {length}");
    }

    /// <summary>Appends a UDP datagram, and the tunnel in it when its port is one's.</summary>
    public static void AppendUdp(StringBuilder text, in CarriedPayload carried, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < UdpHeader.Size)
        {
            text.Append($"{carried.Source} > {carried.Destination}: {carried.Between}[|udp]");
            return;
        }

        var source = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        var destination = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        var payload = datagram[UdpHeader.Size..];
        text.Append($"{carried.Source}.{source} > {carried.Destination}.{destination}: {carried.Between}");
        if (!TunnelText.TryAppendOverUdp(text, source, destination, payload, carried))
            text.Append($"UDP, length {Math.Max(0, BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]) - UdpHeader.Size)}");
    }

    // Kinds and layouts: RFC 9293 section 3.2, RFC 7323, RFC 2018.
    private static void AppendOptions(StringBuilder text, ReadOnlySpan<byte> options)
    {
        if (options.IsEmpty)
            return;
        text.Append(", options [");
        var separator = "";
        while (!options.IsEmpty)
        {
            text.Append(separator);
            separator = ",";
            var kind = options[0];
            if (kind <= 1)
            {
                text.Append(kind == 0 ? "eol" : "nop");
                options = kind == 0 ? [] : options[1..];
                continue;
            }

            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
            {
                text.Append("[|tcp]");
                break;
            }

            AppendOption(text, kind, options[2..options[1]]);
            options = options[options[1]..];
        }

        text.Append(']');
    }

    private static void AppendOption(StringBuilder text, byte kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case 2 when value.Length == 2:
                text.Append($"mss {BinaryPrimitives.ReadUInt16BigEndian(value)}");
                break;
            case 3 when value.Length == 1:
                text.Append($"wscale {value[0]}");
                break;
            case 4:
                text.Append("sackOK");
                break;
            case 5 when value.Length % 8 == 0:
                text.Append($"sack {value.Length / 8} ");
                for (; value.Length >= 8; value = value[8..])
                    text.Append($"{{{BinaryPrimitives.ReadUInt32BigEndian(value)}:{BinaryPrimitives.ReadUInt32BigEndian(value[4..])}}}");
                break;
            case 8 when value.Length == 8:
                text.Append($"TS val {BinaryPrimitives.ReadUInt32BigEndian(value)} ecr {BinaryPrimitives.ReadUInt32BigEndian(value[4..])}");
                break;
            default:
                text.Append($"unknown-{kind}");
                break;
        }
    }
}
