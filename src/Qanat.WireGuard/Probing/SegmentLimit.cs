using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>Has TCP send no larger packets than arrive: the MSS that a SYN names is lowered (RFC 9293, 3.7.1).</summary>
internal static class SegmentLimit
{
    private const byte EndOfOptions = 0, NoOperation = 1, MaximumSegmentSize = 2, MaximumSegmentSizeLength = 4;

    /// <summary>Lowers the MSS in a packet, if it is a SYN that names a larger one. A whole checksum stays right.</summary>
    /// <param name="packet">An IP packet.</param>
    /// <param name="mtu">Bytes of the largest packet that arrives.</param>
    public static void Apply(Span<byte> packet, int mtu)
    {
        if (TransportOf(packet) is not (> 0 and var transport) ||
            !TcpHeader.TryParse(packet[transport..], out var tcp) || (tcp.Flags & TcpFlags.Syn) == 0)
            return;
        var headers = (packet[0] >> 4 == 6 ? IPv6Header.Size : IPv4Header.MinSize) + TcpHeader.MinSize;
        var segment = packet[transport..];
        if (FindOption(tcp.Options) is >= 0 and var at && mtu > headers)
            Lower(segment, TcpHeader.MinSize + at, (ushort)Math.Min(mtu - headers, ushort.MaxValue));
    }

    // Where the TCP header begins; 0 when there is none.
    private static int TransportOf(ReadOnlySpan<byte> packet) =>
        IPv4Header.TryParse(packet, out var ipv4)
            ? ipv4 is { Protocol: IpProtocol.Tcp, FragmentOffset: 0 } ? ipv4.HeaderLength : 0
        : IPv6Header.TryParse(packet, out var ipv6) && ipv6.TryWalk(out var chain) &&
            chain is { Protocol: IpProtocol.Tcp, FragmentOffset: 0 } ? chain.Offset : 0;

    // Where the MSS's value is; -1 when it has none.
    private static int FindOption(ReadOnlySpan<byte> options)
    {
        for (var at = 0; at < options.Length && options[at] != EndOfOptions;)
        {
            if (options[at] == NoOperation)
            {
                at++;
                continue;
            }
            if (at + 1 >= options.Length || options[at + 1] < 2 || at + options[at + 1] > options.Length)
                return -1;
            if (options[at] == MaximumSegmentSize)
                return options[at + 1] == MaximumSegmentSizeLength ? at + 2 : -1;
            at += options[at + 1];
        }
        return -1;
    }

    private static void Lower(Span<byte> segment, int at, ushort limit)
    {
        var before = BinaryPrimitives.ReadUInt16BigEndian(segment[at..]);
        if (before <= limit)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(segment[at..], limit);
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(segment[TcpHeader.ChecksumOffset..]);
        // At an odd place its bytes are summed the other way round.
        checksum = at % 2 == 0
            ? InternetChecksum.Update(checksum, before, limit)
            : InternetChecksum.Update(checksum, BinaryPrimitives.ReverseEndianness(before), BinaryPrimitives.ReverseEndianness(limit));
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], checksum);
    }
}
