using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of a minimal forwarding header (RFC 2004, 3.1) and what follows it: the payload of the original packet.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +---------------+-+-------------+-------------------------------+
/// |   Protocol    |S|  reserved   |        Header Checksum        |
/// +---------------+-+-------------+-------------------------------+
/// |                 Original Destination Address                  |
/// +---------------------------------------------------------------+
/// |            Original Source Address (if S is set)              |
/// +---------------------------------------------------------------+
/// </code>
/// What else the original IP header had is still in the packet's own.
/// </remarks>
public readonly ref struct MinimalForwardingHeader
{
    /// <summary>Bytes of a header without the original source address.</summary>
    public const int MinSize = 8;

    /// <summary>Bytes of a header with it.</summary>
    public const int MaxSize = 12;

    private const byte SourcePresent = 0x80;

    private readonly ReadOnlySpan<byte> _payload;

    private MinimalForwardingHeader(ReadOnlySpan<byte> payload) => _payload = payload;

    /// <summary>The protocol of the original packet.</summary>
    public IpProtocol Protocol => (IpProtocol)_payload[0];

    /// <summary>The S flag: the original source address is here, for it is not that of the packet.</summary>
    public bool HasOriginalSource => (_payload[1] & SourcePresent) != 0;

    /// <summary>Where the original packet goes.</summary>
    public IPv4Address OriginalDestination => IPv4Address.Read(_payload[4..]);

    /// <summary>Where the original packet comes from; any when that is the packet's own source.</summary>
    public IPv4Address OriginalSource => HasOriginalSource ? IPv4Address.Read(_payload[8..]) : IPv4Address.Any;

    /// <summary>Bytes of the header: 8, or 12 with the original source address.</summary>
    public int Length => SizeOf(HasOriginalSource);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => _payload[Length..];

    /// <summary>True when the sum over the header is right. <see cref="TryParse"/> does not look at it.</summary>
    public bool HasValidChecksum => InternetChecksum.IsValid(InternetChecksum.Sum(_payload[..Length]));

    /// <summary>Bytes of a header with or without the original source address.</summary>
    public static int SizeOf(bool hasOriginalSource) => hasOriginalSource ? MaxSize : MinSize;

    /// <summary>Views <paramref name="payload"/>, what an IPv4 packet of protocol 55 carries. False when it is too short.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out MinimalForwardingHeader header)
    {
        header = default;
        if (payload.Length < MinSize || payload.Length < SizeOf((payload[1] & SourcePresent) != 0))
            return false;
        header = new(payload);
        return true;
    }

    /// <summary>Writes a header, its checksum included.</summary>
    /// <param name="header">Where it goes; at least 8 bytes, 12 with a source.</param>
    /// <param name="protocol">The protocol of the original packet.</param>
    /// <param name="destination">Where the original packet goes.</param>
    /// <param name="source">Where it comes from; null when that is the source of the packet as well.</param>
    public static void Write(Span<byte> header, IpProtocol protocol, IPv4Address destination, IPv4Address? source)
    {
        header = header[..SizeOf(source is not null)];
        header[0] = (byte)protocol;
        header[1] = source is null ? (byte)0 : SourcePresent;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], 0);
        destination.Write(header[4..]);
        source?.Write(header[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], InternetChecksum.Compute(header));
    }
}
