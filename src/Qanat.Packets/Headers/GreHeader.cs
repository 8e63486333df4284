using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of a GRE header (RFC 2784, 2.1; key and sequence number: RFC 2890, 2) and what it carries.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-+-+-+-+-----------------+-----+-------------------------------+
/// |C|R|K|S|    Reserved     | Ver |         Protocol Type         |
/// +-+-+-+-+-----------------+-----+-------------------------------+
/// |    Checksum (if C)            |      Reserved (if C)          |
/// +-------------------------------+-------------------------------+
/// |                         Key (if K)                            |
/// +---------------------------------------------------------------+
/// |                   Sequence Number (if S)                      |
/// +---------------------------------------------------------------+
/// </code>
/// As in the kernel (net/ipv4/gre_demux.c: gre_parse_header), a version other than 0 and the routing bit of RFC 1701 are
/// refused, and the reserved bits are passed over.
/// </remarks>
public readonly ref struct GreHeader
{
    /// <summary>Bytes of a header without optional fields.</summary>
    public const int MinSize = 4;

    /// <summary>Bytes of a header with all optional fields.</summary>
    public const int MaxSize = 16;

    private const ushort ChecksumFlag = 0x8000, RoutingFlag = 0x4000, KeyFlag = 0x2000, SequenceFlag = 0x1000, VersionMask = 7;
    private const int FieldSize = 4;

    private readonly ReadOnlySpan<byte> _packet;

    private GreHeader(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Bytes of the header: 4, and 4 for each optional field.</summary>
    public int Length => SizeOf(HasChecksum, HasKey, HasSequence);

    /// <summary>What the payload is.</summary>
    public EtherType Protocol => (EtherType)BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>Whether there is a checksum, over header and payload.</summary>
    public bool HasChecksum => (Flags & ChecksumFlag) != 0;

    /// <summary>Whether there is a key.</summary>
    public bool HasKey => (Flags & KeyFlag) != 0;

    /// <summary>Whether there is a sequence number.</summary>
    public bool HasSequence => (Flags & SequenceFlag) != 0;

    /// <summary>The key, or null.</summary>
    public uint? Key => HasKey ? Field(HasChecksum ? 1 : 0) : null;

    /// <summary>The sequence number, or null.</summary>
    public uint? Sequence => HasSequence ? Field((HasChecksum ? 1 : 0) + (HasKey ? 1 : 0)) : null;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => _packet[Length..];

    private ushort Flags => BinaryPrimitives.ReadUInt16BigEndian(_packet);

    /// <summary>
    /// Views <paramref name="packet"/>. False when it is shorter than its header, of another version, or has the routing bit.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out GreHeader header)
    {
        header = default;
        if (packet.Length < MinSize)
            return false;
        var parsed = new GreHeader(packet);
        if ((parsed.Flags & (RoutingFlag | VersionMask)) != 0 || packet.Length < parsed.Length)
            return false;
        header = parsed;
        return true;
    }

    /// <summary>True when the sum over header and payload is right. <paramref name="packet"/> is all that IP carries.</summary>
    public static bool HasValidChecksum(ReadOnlySpan<byte> packet) => InternetChecksum.IsValid(InternetChecksum.Sum(packet));

    /// <summary>Bytes of a header with these fields.</summary>
    public static int SizeOf(bool checksum, bool key, bool sequence) =>
        MinSize + FieldSize * ((checksum ? 1 : 0) + (key ? 1 : 0) + (sequence ? 1 : 0));

    /// <summary>Writes a header in front of its payload, the checksum last, for it is taken over both.</summary>
    /// <param name="packet">The header's room, of <see cref="SizeOf"/> bytes, and the payload behind it.</param>
    /// <param name="protocol">What the payload is.</param>
    /// <param name="checksum">Whether there is to be a checksum.</param>
    /// <param name="key">The key, or null for none.</param>
    /// <param name="sequence">The sequence number, or null for none.</param>
    public static void Write(Span<byte> packet, EtherType protocol, bool checksum, uint? key, uint? sequence)
    {
        var flags = (checksum ? ChecksumFlag : 0) | (key is null ? 0 : KeyFlag) | (sequence is null ? 0 : SequenceFlag);
        BinaryPrimitives.WriteUInt32BigEndian(packet, (uint)flags << 16 | (uint)protocol);
        var fields = packet[MinSize..];
        if (checksum)
        {
            BinaryPrimitives.WriteUInt32BigEndian(fields, 0);
            fields = fields[FieldSize..];
        }
        if (key is { } k)
        {
            BinaryPrimitives.WriteUInt32BigEndian(fields, k);
            fields = fields[FieldSize..];
        }
        if (sequence is { } s)
            BinaryPrimitives.WriteUInt32BigEndian(fields, s);
        if (checksum)
            BinaryPrimitives.WriteUInt16BigEndian(packet[MinSize..], InternetChecksum.Compute(packet));
    }

    private uint Field(int index) => BinaryPrimitives.ReadUInt32BigEndian(_packet[(MinSize + index * FieldSize)..]);
}
