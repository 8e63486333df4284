using System.Buffers.Binary;

namespace Qanat.Ipsec;

/// <summary>A view of the beginning of an ESP packet (RFC 4303, 2), which is all of it that can be read without a key.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +---------------------------------------------------------------+
/// |                Security Parameters Index (SPI)                |
/// +---------------------------------------------------------------+
/// |                        Sequence Number                        |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly ref struct EspHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    private readonly ReadOnlySpan<byte> _packet;

    private EspHeader(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>The security parameters index, which with the destination names the state.</summary>
    public uint Spi => BinaryPrimitives.ReadUInt32BigEndian(_packet);

    /// <summary>The sequence number, of an extended one the lower half.</summary>
    public uint SequenceNumber => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    /// <summary>Views <paramref name="packet"/>, the payload of an IP or UDP packet. False when it is shorter than 8 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out EspHeader header)
    {
        header = packet.Length < Size ? default : new EspHeader(packet);
        return packet.Length >= Size;
    }

    /// <summary>Writes a header, both fields in host byte order.</summary>
    /// <param name="header">Where it goes; at least 8 bytes.</param>
    /// <param name="spi">The security parameters index.</param>
    /// <param name="sequenceNumber">The sequence number, of an extended one the lower half.</param>
    public static void Write(Span<byte> header, uint spi, uint sequenceNumber)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, spi);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], sequenceNumber);
    }
}
