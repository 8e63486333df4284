using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of the beginning of an L2TPv3 data message (RFC 3931, 4.1): whose session it is.</summary>
/// <remarks>
/// Over UDP four bytes come first; cookie and L2-specific sublayer are as the two ends have agreed:
/// <code>
/// |T| Reserved  |  Ver=3  |          Reserved           |  over UDP alone
/// |                   Session ID                        |
/// |             Cookie (0, 4 or 8 bytes)                |
/// |x|S|x|x|x|x|x|x|         Sequence Number             |  the default sublayer (4.6.1)
/// </code>
/// </remarks>
public readonly ref struct L2tpHeader
{
    /// <summary>Bytes in front of the session's identifier over UDP.</summary>
    public const int UdpPrefixSize = 4;

    /// <summary>Bytes of the session's identifier.</summary>
    public const int SessionSize = 4;

    /// <summary>Bytes of the default L2-specific sublayer.</summary>
    public const int SublayerSize = 4;

    /// <summary>The bits of a sequence number.</summary>
    public const uint SequenceMask = 0xFFFFFF;

    private const uint SequenceFlag = 0x4000_0000, DataVersion3 = 0x0003, ControlAndVersionMask = 0x800F;

    private L2tpHeader(uint session, int length) => (SessionId, Length) = (session, length);

    /// <summary>The session, by the receiver's identifier.</summary>
    public uint SessionId { get; }

    /// <summary>Bytes until behind the identifier.</summary>
    public int Length { get; }

    /// <summary>
    /// Views a message. False when it is cut short, of another version, or a control message, which is nobody's session.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> message, bool overUdp, out L2tpHeader header)
    {
        header = default;
        var prefix = overUdp ? UdpPrefixSize : 0;
        if (message.Length < prefix + SessionSize ||
            overUdp && (BinaryPrimitives.ReadUInt16BigEndian(message) & ControlAndVersionMask) != DataVersion3)
            return false;
        header = new(BinaryPrimitives.ReadUInt32BigEndian(message[prefix..]), prefix + SessionSize);
        return header.SessionId != 0;
    }

    /// <summary>Writes the beginning of a message.</summary>
    /// <returns>The bytes written.</returns>
    public static int Write(Span<byte> message, bool overUdp, uint session)
    {
        var prefix = overUdp ? UdpPrefixSize : 0;
        if (overUdp)
            BinaryPrimitives.WriteUInt32BigEndian(message, DataVersion3 << 16);
        BinaryPrimitives.WriteUInt32BigEndian(message[prefix..], session);
        return prefix + SessionSize;
    }

    /// <summary>The sequence number of a default sublayer, or null when it has none.</summary>
    public static uint? ReadSublayer(ReadOnlySpan<byte> sublayer)
    {
        var word = BinaryPrimitives.ReadUInt32BigEndian(sublayer);
        return (word & SequenceFlag) != 0 ? word & SequenceMask : null;
    }

    /// <summary>Writes a default sublayer.</summary>
    public static void WriteSublayer(Span<byte> sublayer, uint? sequence) =>
        BinaryPrimitives.WriteUInt32BigEndian(sublayer, sequence is { } number ? SequenceFlag | number & SequenceMask : 0);
}
