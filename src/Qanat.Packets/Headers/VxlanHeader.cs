using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of a VXLAN header (RFC 7348, 5) and the Ethernet frame behind it.</summary>
/// <remarks>
/// <code>
/// +---------------+-----------------------------------------------+
/// |R|R|R|R|I|R|R|R|                   Reserved                    |
/// +-----------------------------------------------+---------------+
/// |        VXLAN Network Identifier (VNI)         |   Reserved    |
/// +-----------------------------------------------+---------------+
/// </code>
/// </remarks>
public readonly ref struct VxlanHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    /// <summary>The largest network identifier.</summary>
    public const uint MaxIdentifier = 0xFFFFFF;

    private const uint IdentifierFlag = 0x0800_0000;

    private readonly ReadOnlySpan<byte> _packet;

    private VxlanHeader(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>The network that the frame belongs to.</summary>
    public uint Identifier => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]) >> 8;

    /// <summary>True when no reserved bit is set; the kernel drops packets that have one (vxlan_rcv).</summary>
    public bool IsPlain => BinaryPrimitives.ReadUInt32BigEndian(_packet) == IdentifierFlag && _packet[7] == 0;

    /// <summary>The Ethernet frame.</summary>
    public ReadOnlySpan<byte> Payload => _packet[Size..];

    /// <summary>Views the payload of a UDP datagram. False when it is shorter than 8 bytes, or names no network.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out VxlanHeader header)
    {
        header = default;
        if (packet.Length < Size || (BinaryPrimitives.ReadUInt32BigEndian(packet) & IdentifierFlag) == 0)
            return false;
        header = new(packet);
        return true;
    }

    /// <summary>Writes a header.</summary>
    public static void Write(Span<byte> header, uint identifier)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, IdentifierFlag);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], identifier << 8);
    }
}
