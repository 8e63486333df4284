using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// The IPv4 header that all segments of one inner packet share, summed once; only total length and id differ.
/// </summary>
/// <code>
///  0                   1                   2                   3
///  |Version|  IHL  |      TOS      |         Total Length        |
///  |        Identification         |Flags|    Fragment Offset    |
///  |      TTL      |   Protocol    |       Header Checksum       |
///  |                        Source Address                       |
///  |                     Destination Address                     |
/// </code>
internal readonly struct OuterHeader
{
    public const int Size = IPv4Header.MinSize;

    private readonly ulong _lengthWord, _ttlWord;
    private readonly uint _destination;
    private readonly uint _sum;

    public OuterHeader(byte tos, bool dontFragment, byte ttl, IpProtocol protocol, IPv4Address source, IPv4Address destination)
    {
        _lengthWord = (0x4500UL | tos) << 48 | (dontFragment ? 0x4000UL : 0);
        _ttlWord = ((ulong)ttl << 8 | (ulong)protocol) << 48 | source.Value;
        _destination = destination.Value;
        _sum = Words(_lengthWord) + Words(_ttlWord) + Words(_destination);
    }

    /// <summary>Writes the header of an outer packet of <paramref name="totalLength"/> bytes.</summary>
    public void Write(Span<byte> header, int totalLength, ushort id)
    {
        header = header[..Size];
        var checksum = InternetChecksum.Finish(_sum + (uint)totalLength + id);
        BinaryPrimitives.WriteUInt64BigEndian(header, _lengthWord | (ulong)totalLength << 32 | (ulong)id << 16);
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], _ttlWord | (ulong)checksum << 32);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], _destination);
    }

    private static uint Words(ulong value) =>
        (uint)(value >> 48) + (uint)(value >> 32 & 0xFFFF) + (uint)(value >> 16 & 0xFFFF) + (uint)(value & 0xFFFF);
}
