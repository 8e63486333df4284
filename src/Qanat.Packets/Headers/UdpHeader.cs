using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of a UDP datagram (RFC 768).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-------------------------------+-------------------------------+
/// |          Source Port          |       Destination Port        |
/// +-------------------------------+-------------------------------+
/// |            Length             |           Checksum            |
/// +-------------------------------+-------------------------------+
/// </code>
/// </remarks>
public readonly ref struct UdpHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    /// <summary>Where the checksum is in the header.</summary>
    public const int ChecksumOffset = 6;

    private readonly ReadOnlySpan<byte> _datagram;

    private UdpHeader(ReadOnlySpan<byte> datagram) => _datagram = datagram;

    /// <summary>The sender's port; 0 when it wants no answer.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_datagram);

    /// <summary>The receiver's port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_datagram[2..]);

    /// <summary>Bytes of header and data.</summary>
    public int Length => BinaryPrimitives.ReadUInt16BigEndian(_datagram[4..]);

    /// <summary>The checksum over pseudo-header, header and data; 0 when the sender made none.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_datagram[ChecksumOffset..]);

    /// <summary>The data, as far as Length says.</summary>
    public ReadOnlySpan<byte> Payload => _datagram[Size..];

    /// <summary>
    /// Views <paramref name="datagram"/>, the payload of an IP packet. False when it is shorter than 8 bytes, or Length is
    /// less than 8 or more than the buffer.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out UdpHeader header)
    {
        header = default;
        if (datagram.Length < Size)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]);
        if (length < Size || length > datagram.Length)
            return false;
        header = new UdpHeader(datagram[..length]);
        return true;
    }

    /// <summary>Writes a header, all fields in host byte order.</summary>
    /// <param name="header">Where it goes; at least 8 bytes.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="length">Bytes of header and data, at most 65,535.</param>
    /// <param name="checksum">The checksum; 0 for none.</param>
    public static void Write(Span<byte> header, ushort sourcePort, ushort destinationPort, int length, ushort checksum = 0)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], checksum);
    }

    /// <summary>Changes the length of a header that is written, in bytes of header and data.</summary>
    public static void SetLength(Span<byte> header, int length) => BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)length);
}
