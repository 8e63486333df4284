using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>
/// A view of an IPv4 packet (RFC 791, 3.1): the header, its options, and the payload as far as Total Length says.
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-------+-------+---------------+-------------------------------+
/// |Version|  IHL  |Type of Service|          Total Length         |
/// +-------+-------+---------------+-----+-------------------------+
/// |         Identification        |0 D M|     Fragment Offset     |
/// +---------------+---------------+-----+-------------------------+
/// |  Time to Live |    Protocol   |        Header Checksum        |
/// +---------------+---------------+-------------------------------+
/// |                        Source Address                         |
/// +---------------------------------------------------------------+
/// |                      Destination Address                      |
/// +---------------------------------------------------------------+
/// |                  Options (0 to 40 bytes) ...                  |
/// +---------------------------------------------------------------+
/// </code>
/// Lengths and offsets are in bytes, numbers in host byte order. Writing is in IPv4Header.Write.cs.
/// </remarks>
public readonly ref partial struct IPv4Header
{
    /// <summary>Bytes of a header without options.</summary>
    public const int MinSize = 20;

    /// <summary>Bytes of a header with all the options that fit.</summary>
    public const int MaxSize = 60;

    /// <summary>The least MTU that a link must have, in bytes (RFC 791, 3.2).</summary>
    public const int MinimumMtu = 68;

    private const int DontFragmentFlag = 0x4000;
    private const int MoreFragmentsFlag = 0x2000;
    private const int FragmentOffsetMask = 0x1FFF;

    private readonly ReadOnlySpan<byte> _packet;

    private IPv4Header(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Always 4.</summary>
    public int Version => _packet[0] >> 4;

    /// <summary>Bytes of the header with its options (IHL * 4): 20 to 60.</summary>
    public int HeaderLength => (_packet[0] & 0xF) * 4;

    /// <summary>The whole TOS byte: DSCP and ECN.</summary>
    public byte TypeOfService => _packet[1];

    /// <summary>The differentiated services code point (RFC 2474), 0 to 63.</summary>
    public byte Dscp => (byte)(_packet[1] >> 2);

    /// <summary>Explicit congestion notification (RFC 3168).</summary>
    public Ecn Ecn => (Ecn)(_packet[1] & 3);

    /// <summary>Bytes of the packet, header included.</summary>
    public int TotalLength => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>What the fragments of one datagram have in common.</summary>
    public ushort Identification => BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]);

    /// <summary>The DF flag.</summary>
    public bool DontFragment => (FlagsAndOffset & DontFragmentFlag) != 0;

    /// <summary>The MF flag.</summary>
    public bool MoreFragments => (FlagsAndOffset & MoreFragmentsFlag) != 0;

    /// <summary>Where the payload belongs in the datagram's, in bytes: a multiple of 8.</summary>
    public int FragmentOffset => (FlagsAndOffset & FragmentOffsetMask) * 8;

    /// <summary>True when this is a part of a datagram, the first part included.</summary>
    public bool IsFragment => (FlagsAndOffset & (MoreFragmentsFlag | FragmentOffsetMask)) != 0;

    /// <summary>Hops that are left.</summary>
    public byte TimeToLive => _packet[8];

    /// <summary>What the payload is.</summary>
    public IpProtocol Protocol => (IpProtocol)_packet[9];

    /// <summary>The checksum over the header.</summary>
    public ushort HeaderChecksum => BinaryPrimitives.ReadUInt16BigEndian(_packet[10..]);

    /// <summary>Where the packet comes from.</summary>
    public IPv4Address Source => IPv4Address.Read(_packet[12..]);

    /// <summary>Where the packet goes.</summary>
    public IPv4Address Destination => IPv4Address.Read(_packet[16..]);

    /// <summary>The options, padding included; most often empty.</summary>
    public ReadOnlySpan<byte> Options => _packet[MinSize..HeaderLength];

    /// <summary>The header with its options.</summary>
    public ReadOnlySpan<byte> Header => _packet[..HeaderLength];

    /// <summary>What follows the header, to the end that Total Length gives.</summary>
    public ReadOnlySpan<byte> Payload => _packet[HeaderLength..];

    /// <summary>The packet without link padding: Total Length bytes (fewer when it is a quotation cut short).</summary>
    public ReadOnlySpan<byte> Packet => _packet;

    /// <summary>True when the sum over the header is right. <see cref="TryParse"/> does not look at it.</summary>
    public bool HasValidChecksum => InternetChecksum.IsValid(InternetChecksum.Sum(Header));

    private int FlagsAndOffset => BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]);

    /// <summary>
    /// Views <paramref name="packet"/>, which may have link padding at its end. False when it is shorter than 20 bytes,
    /// not of version 4, has a header shorter than 20 bytes or longer than the buffer, or a Total Length that is shorter
    /// than the header or longer than the buffer.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out IPv4Header header)
    {
        if (TryParseQuoted(packet, out header) && header.TotalLength == header._packet.Length)
            return true;
        header = default;
        return false;
    }

    /// <summary>
    /// As <see cref="TryParse"/> for the beginning of a packet as an ICMP error quotes it: Total Length may be more than
    /// what is there, and <see cref="Payload"/> is as much of it as is there.
    /// </summary>
    public static bool TryParseQuoted(ReadOnlySpan<byte> packet, out IPv4Header header)
    {
        header = default;
        if (packet.Length < MinSize || packet[0] >> 4 != 4)
            return false;
        var headerLength = (packet[0] & 0xF) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (headerLength < MinSize || headerLength > packet.Length || totalLength < headerLength)
            return false;
        header = new IPv4Header(packet[..Math.Min(totalLength, packet.Length)]);
        return true;
    }
}
