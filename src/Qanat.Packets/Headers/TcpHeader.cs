using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>TCP's control bits (RFC 9293, 3.1; RFC 3168; RFC 9768).</summary>
[Flags]
public enum TcpFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 0x01,

    /// <summary>Synchronise sequence numbers.</summary>
    Syn = 0x02,

    /// <summary>Reset the connection.</summary>
    Rst = 0x04,

    /// <summary>Push.</summary>
    Psh = 0x08,

    /// <summary>The acknowledgement number counts.</summary>
    Ack = 0x10,

    /// <summary>The urgent pointer counts.</summary>
    Urg = 0x20,

    /// <summary>ECN echo.</summary>
    Ece = 0x40,

    /// <summary>Congestion window reduced.</summary>
    Cwr = 0x80,

    /// <summary>Accurate ECN.</summary>
    Ae = 0x100,
}

/// <summary>A view of a TCP segment (RFC 9293, 3.1).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-------------------------------+-------------------------------+
/// |          Source Port          |       Destination Port        |
/// +-------------------------------+-------------------------------+
/// |                        Sequence Number                        |
/// +---------------------------------------------------------------+
/// |                    Acknowledgment Number                      |
/// +-------+-----+-----------------+-------------------------------+
/// | Offset| Rsv |      Flags      |            Window             |
/// +-------+-----+-----------------+-------------------------------+
/// |           Checksum            |        Urgent Pointer         |
/// +-------------------------------+-------------------------------+
/// |                  Options (0 to 40 bytes) ...                  |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly ref struct TcpHeader
{
    /// <summary>Bytes of a header without options.</summary>
    public const int MinSize = 20;

    /// <summary>Bytes of a header with all the options that fit.</summary>
    public const int MaxSize = 60;

    /// <summary>Where the checksum is in the header.</summary>
    public const int ChecksumOffset = 16;

    private readonly ReadOnlySpan<byte> _segment;

    private TcpHeader(ReadOnlySpan<byte> segment) => _segment = segment;

    /// <summary>The sender's port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_segment);

    /// <summary>The receiver's port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_segment[2..]);

    /// <summary>The number of the first data byte (of SYN itself, when set).</summary>
    public uint SequenceNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[4..]);

    /// <summary>The number that the sender expects next.</summary>
    public uint AcknowledgmentNumber => BinaryPrimitives.ReadUInt32BigEndian(_segment[8..]);

    /// <summary>Bytes of the header with its options (Data Offset * 4): 20 to 60.</summary>
    public int HeaderLength => (_segment[12] >> 4) * 4;

    /// <summary>The nine control bits.</summary>
    public TcpFlags Flags => (TcpFlags)(BinaryPrimitives.ReadUInt16BigEndian(_segment[12..]) & 0x1FF);

    /// <summary>The receive window, not scaled.</summary>
    public ushort Window => BinaryPrimitives.ReadUInt16BigEndian(_segment[14..]);

    /// <summary>The checksum over pseudo-header, header and data.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_segment[ChecksumOffset..]);

    /// <summary>Where urgent data ends, from the sequence number.</summary>
    public ushort UrgentPointer => BinaryPrimitives.ReadUInt16BigEndian(_segment[18..]);

    /// <summary>The options, padding included.</summary>
    public ReadOnlySpan<byte> Options => _segment[MinSize..HeaderLength];

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Payload => _segment[HeaderLength..];

    /// <summary>
    /// Views <paramref name="segment"/>, the whole payload of an IP packet. False when it is shorter than 20 bytes, or its
    /// header is shorter than 20 bytes or longer than the buffer.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> segment, out TcpHeader header)
    {
        header = default;
        if (segment.Length < MinSize)
            return false;
        var headerLength = (segment[12] >> 4) * 4;
        if (headerLength < MinSize || headerLength > segment.Length)
            return false;
        header = new TcpHeader(segment);
        return true;
    }
}
