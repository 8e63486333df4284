using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of an IPv6 packet (RFC 8200, 3): the fixed header and the payload as far as Payload Length says.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-------+---------------+---------------------------------------+
/// |Version| Traffic Class |              Flow Label               |
/// +-------+---------------+-------+---------------+---------------+
/// |        Payload Length         |  Next Header  |   Hop Limit   |
/// +-------------------------------+---------------+---------------+
/// |                   Source Address (16 bytes)                   |
/// +---------------------------------------------------------------+
/// |                Destination Address (16 bytes)                 |
/// +---------------------------------------------------------------+
/// </code>
/// Jumbograms (RFC 2675) are not known: their Payload Length of 0 means an empty payload.
/// </remarks>
public readonly ref struct IPv6Header
{
    /// <summary>Bytes of the fixed header.</summary>
    public const int Size = 40;

    /// <summary>The bits of a flow label.</summary>
    public const uint FlowLabelMask = 0xFFFFF;

    /// <summary>The least MTU that a link must have, in bytes (RFC 8200, 5).</summary>
    public const int MinimumMtu = 1280;

    /// <summary>Where the Next Header field is.</summary>
    public const int NextHeaderOffset = 6;

    private readonly ReadOnlySpan<byte> _packet;

    private IPv6Header(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Always 6.</summary>
    public int Version => _packet[0] >> 4;

    /// <summary>The whole traffic class: DSCP and ECN.</summary>
    public byte TrafficClass => (byte)(BinaryPrimitives.ReadUInt16BigEndian(_packet) >> 4);

    /// <summary>The differentiated services code point (RFC 2474), 0 to 63.</summary>
    public byte Dscp => (byte)(TrafficClass >> 2);

    /// <summary>Explicit congestion notification (RFC 3168).</summary>
    public Ecn Ecn => (Ecn)(TrafficClass & 3);

    /// <summary>The flow label (RFC 6437), 20 bits.</summary>
    public uint FlowLabel => BinaryPrimitives.ReadUInt32BigEndian(_packet) & FlowLabelMask;

    /// <summary>Bytes after the fixed header, extension headers included.</summary>
    public int PayloadLength => BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]);

    /// <summary>The first header of the payload; see <see cref="TryWalk"/> for the last.</summary>
    public IpProtocol NextHeader => (IpProtocol)_packet[6];

    /// <summary>Hops that are left.</summary>
    public byte HopLimit => _packet[7];

    /// <summary>Where the packet comes from.</summary>
    public IPv6Address Source => IPv6Address.Read(_packet[8..]);

    /// <summary>Where the packet goes (next, when there is a routing header).</summary>
    public IPv6Address Destination => IPv6Address.Read(_packet[24..]);

    /// <summary>What follows the fixed header, to the end that Payload Length gives.</summary>
    public ReadOnlySpan<byte> Payload => _packet[Size..];

    /// <summary>The packet without link padding (cut short when it is a quotation).</summary>
    public ReadOnlySpan<byte> Packet => _packet;

    /// <summary>
    /// Views <paramref name="packet"/>, which may have link padding at its end. False when it is shorter than 40 bytes, not
    /// of version 6, or Payload Length goes beyond the buffer.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out IPv6Header header)
    {
        if (TryParseQuoted(packet, out header) && header.PayloadLength == header.Payload.Length)
            return true;
        header = default;
        return false;
    }

    /// <summary>
    /// As <see cref="TryParse"/> for the beginning of a packet as an ICMPv6 error quotes it: Payload Length may be more than
    /// what is there, and <see cref="Payload"/> is as much of it as is there.
    /// </summary>
    public static bool TryParseQuoted(ReadOnlySpan<byte> packet, out IPv6Header header)
    {
        header = default;
        if (packet.Length < Size || packet[0] >> 4 != 6)
            return false;
        var length = Size + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        header = new IPv6Header(packet[..Math.Min(length, packet.Length)]);
        return true;
    }

    /// <summary>
    /// Walks the extension headers to what they carry. False when one is cut short, hop-by-hop options are not the first,
    /// or there are more than <see cref="IPv6ExtensionChain.MaxHeaders"/>.
    /// </summary>
    public bool TryWalk(out IPv6ExtensionChain chain) => IPv6ExtensionChain.TryWalk(_packet, NextHeader, out chain);

    /// <summary>Writes a fixed header.</summary>
    /// <param name="header">Where it goes; at least 40 bytes.</param>
    /// <param name="trafficClass">The whole traffic class.</param>
    /// <param name="flowLabel">The flow label; its 20 low bits are used.</param>
    /// <param name="payloadLength">Bytes after this header, at most 65,535.</param>
    /// <param name="nextHeader">What follows.</param>
    /// <param name="hopLimit">Hops that the packet may take.</param>
    /// <param name="source">Where the packet comes from.</param>
    /// <param name="destination">Where the packet goes.</param>
    public static void Write(Span<byte> header, byte trafficClass, uint flowLabel, int payloadLength, IpProtocol nextHeader,
        byte hopLimit, IPv6Address source, IPv6Address destination)
    {
        header = header[..Size];
        BinaryPrimitives.WriteUInt32BigEndian(header, 6u << 28 | (uint)trafficClass << 20 | flowLabel & FlowLabelMask);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)payloadLength);
        header[6] = (byte)nextHeader;
        header[7] = hopLimit;
        source.Write(header[8..]);
        destination.Write(header[24..]);
    }

    /// <summary>Sets the whole traffic class of a packet; IPv6 has no header checksum to mend.</summary>
    public static void SetTrafficClass(Span<byte> packet, byte value)
    {
        var word = BinaryPrimitives.ReadUInt16BigEndian(packet);
        BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)(word & 0xF00F | value << 4));
    }
}
