using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of an ICMPv6 message (RFC 4443, 2.1).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +---------------+---------------+-------------------------------+
/// |     Type      |     Code      |           Checksum            |
/// +---------------+---------------+-------------------------------+
/// |     Identifier and sequence | MTU | pointer | length (8)      |
/// +---------------------------------------------------------------+
/// |         Body: echo data, or the packet an error is about ...  |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly ref struct Icmpv6Header
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    private readonly ReadOnlySpan<byte> _message;

    private Icmpv6Header(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>What kind of message it is.</summary>
    public Icmpv6Type Type => (Icmpv6Type)_message[0];

    /// <summary>The kind's variety; for unreachables an <see cref="Icmpv6UnreachableCode"/>.</summary>
    public byte Code => _message[1];

    /// <summary>The checksum over pseudo-header and message.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_message[2..]);

    /// <summary>The four bytes whose meaning depends on the type.</summary>
    public uint RestOfHeader => BinaryPrimitives.ReadUInt32BigEndian(_message[4..]);

    /// <summary>Echo: what tells one pinging program from another.</summary>
    public ushort Identifier => BinaryPrimitives.ReadUInt16BigEndian(_message[4..]);

    /// <summary>Echo: the number of the request.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>Packet too big: the MTU of the next hop, in bytes.</summary>
    public uint Mtu => RestOfHeader;

    /// <summary>Parameter problem: the offending byte, counted from the start of the original packet.</summary>
    public uint ProblemPointer => RestOfHeader;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => _message[Size..];

    /// <summary>True when the message reports an error about another packet (types below 128).</summary>
    public bool IsError => _message[0] < 128;

    /// <summary>
    /// Of an error, the packet that it is about, as much as was quoted, without the extensions of RFC 4884; read it with
    /// <see cref="IPv6Header.TryParseQuoted"/>. Empty for what is not an error.
    /// </summary>
    public ReadOnlySpan<byte> OriginalDatagram
    {
        get
        {
            if (!IsError)
                return [];
            var extensible = Type is Icmpv6Type.DestinationUnreachable or Icmpv6Type.TimeExceeded;
            var quoted = extensible ? _message[4] * 8 : 0;
            return quoted < IcmpHeader.MinExtendedQuotation || quoted > Body.Length ? Body : Body[..quoted];
        }
    }

    /// <summary>
    /// Whether the sum over the message and the pseudo-header (RFC 8200, 8.1) is right. <see cref="TryParse"/> does not
    /// look at it.
    /// </summary>
    /// <param name="source">The packet's source.</param>
    /// <param name="destination">The packet's final destination.</param>
    public bool HasValidChecksum(IPv6Address source, IPv6Address destination) =>
        InternetChecksum.IsValid(Sum(_message, source, destination));

    /// <summary>
    /// Views <paramref name="message"/>, the upper-layer payload of an IPv6 packet that is no fragment. False when it is
    /// shorter than 8 bytes.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out Icmpv6Header header)
    {
        header = default;
        if (message.Length < Size)
            return false;
        header = new Icmpv6Header(message);
        return true;
    }

    // The partial sum of a message with its pseudo-header.
    internal static uint Sum(ReadOnlySpan<byte> message, IPv6Address source, IPv6Address destination) =>
        InternetChecksum.Sum(message) + InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, message.Length);
}
