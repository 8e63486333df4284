using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>A view of an ICMP message for IPv4 (RFC 792).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +---------------+---------------+-------------------------------+
/// |     Type      |     Code      |           Checksum            |
/// +---------------+---------------+-------------------------------+
/// |  Rest of header: identifier and sequence | gateway | pointer  |
/// |            | unused (8), length (8), next-hop MTU (16)        |
/// +---------------------------------------------------------------+
/// |        Body: echo data, or the datagram an error is about ... |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly ref struct IcmpHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 8;

    // What RFC 4884, 4 asks of a quotation that is followed by extensions; a shorter one is an old router's stray value.
    internal const int MinExtendedQuotation = 128;

    // What every error quotes of the payload at least (RFC 792): enough for the ports of TCP and UDP.
    private const int MinQuotedPayload = 8;

    private readonly ReadOnlySpan<byte> _message;

    private IcmpHeader(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>What kind of message it is.</summary>
    public IcmpType Type => (IcmpType)_message[0];

    /// <summary>The kind's variety; for unreachables an <see cref="IcmpUnreachableCode"/>.</summary>
    public byte Code => _message[1];

    /// <summary>The checksum over the whole message.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_message[2..]);

    /// <summary>The four bytes whose meaning depends on the type.</summary>
    public uint RestOfHeader => BinaryPrimitives.ReadUInt32BigEndian(_message[4..]);

    /// <summary>Echo: what tells one pinging program from another.</summary>
    public ushort Identifier => BinaryPrimitives.ReadUInt16BigEndian(_message[4..]);

    /// <summary>Echo: the number of the request.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>Fragmentation needed: the MTU of the next hop (RFC 1191), in bytes; 0 from routers older than that.</summary>
    public int NextHopMtu => BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>Parameter problem: the offending byte of the original header.</summary>
    public byte ProblemPointer => _message[4];

    /// <summary>Redirect: the router to use instead.</summary>
    public IPv4Address Gateway => IPv4Address.Read(_message[4..]);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => _message[Size..];

    /// <summary>True when the message reports an error about another packet.</summary>
    public bool IsError => Type.IsError();

    /// <summary>True when the sum over the message is right. <see cref="TryParse"/> does not look at it.</summary>
    public bool HasValidChecksum => InternetChecksum.IsValid(InternetChecksum.Sum(_message));

    /// <summary>
    /// Of an error, the datagram that it is about, as much as was quoted, without the extensions of RFC 4884. Empty for
    /// what is not an error.
    /// </summary>
    public ReadOnlySpan<byte> OriginalDatagram
    {
        get
        {
            if (!IsError)
                return [];
            var extensible = Type is IcmpType.DestinationUnreachable or IcmpType.TimeExceeded or IcmpType.ParameterProblem;
            var quoted = extensible ? _message[5] * 4 : 0;
            return quoted < MinExtendedQuotation || quoted > Body.Length ? Body : Body[..quoted];
        }
    }

    /// <summary>
    /// Views the datagram that an error is about. False when the message is no error, or quotes less than a valid IPv4
    /// header and 8 bytes behind it (RFC 792), without which nobody can tell whose packet it was.
    /// </summary>
    public bool TryGetOriginal(out IPv4Header original)
    {
        if (IPv4Header.TryParseQuoted(OriginalDatagram, out original) && original.Payload.Length >= MinQuotedPayload)
            return true;
        original = default;
        return false;
    }

    /// <summary>
    /// Views <paramref name="message"/>, the whole payload of an IPv4 packet that is no fragment. False when it is shorter
    /// than 8 bytes.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out IcmpHeader header)
    {
        header = default;
        if (message.Length < Size)
            return false;
        header = new IcmpHeader(message);
        return true;
    }
}
