using System.Buffers.Binary;

namespace Qanat.Packets;

/// <summary>What an ARP message says (RFC 826).</summary>
public enum ArpOperation : ushort
{
    /// <summary>Who has the target's protocol address?</summary>
    Request = 1,

    /// <summary>The sender has it.</summary>
    Reply = 2,
}

/// <summary>A view of an ARP message for IPv4 over Ethernet (RFC 826), the only kind that is taken.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
/// +-------------------------------+-------------------------------+
/// |       Hardware Type (1)       |    Protocol Type (0x0800)     |
/// +---------------+---------------+-------------------------------+
/// |  HW Length (6)| Pr. Length (4)|           Operation           |
/// +---------------+---------------+-------------------------------+
/// |   Sender Hardware Address (6), Sender Protocol Address (4)    |
/// +---------------------------------------------------------------+
/// |   Target Hardware Address (6), Target Protocol Address (4)    |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly ref struct ArpHeader
{
    /// <summary>Bytes of a message.</summary>
    public const int Size = 28;

    private readonly ReadOnlySpan<byte> _message;

    private ArpHeader(ReadOnlySpan<byte> message) => _message = message;

    // Hardware type 1, protocol type 0x0800, lengths 6 and 4.
    private static ReadOnlySpan<byte> Kind => [0, 1, 8, 0, 6, 4];

    /// <summary>Request or reply.</summary>
    public ArpOperation Operation => (ArpOperation)BinaryPrimitives.ReadUInt16BigEndian(_message[6..]);

    /// <summary>The sender's Ethernet address.</summary>
    public MacAddress SenderHardwareAddress => MacAddress.Read(_message[8..]);

    /// <summary>The sender's IPv4 address.</summary>
    public IPv4Address SenderProtocolAddress => IPv4Address.Read(_message[14..]);

    /// <summary>The target's Ethernet address; of no meaning in a request.</summary>
    public MacAddress TargetHardwareAddress => MacAddress.Read(_message[18..]);

    /// <summary>The target's IPv4 address.</summary>
    public IPv4Address TargetProtocolAddress => IPv4Address.Read(_message[24..]);

    /// <summary>
    /// Views <paramref name="message"/>, the payload of an Ethernet frame, padding allowed. False when it is shorter than
    /// 28 bytes, or not about IPv4 over Ethernet.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ArpHeader header)
    {
        header = default;
        if (message.Length < Size || !message.StartsWith(Kind))
            return false;
        header = new ArpHeader(message[..Size]);
        return true;
    }

    /// <summary>Writes a message of 28 bytes.</summary>
    /// <param name="message">Where it goes; at least 28 bytes.</param>
    /// <param name="operation">Request or reply.</param>
    /// <param name="senderHardware">The sender's Ethernet address.</param>
    /// <param name="senderProtocol">The sender's IPv4 address.</param>
    /// <param name="targetHardware">The target's Ethernet address; zero in a request.</param>
    /// <param name="targetProtocol">The target's IPv4 address.</param>
    public static void Write(Span<byte> message, ArpOperation operation, MacAddress senderHardware, IPv4Address senderProtocol,
        MacAddress targetHardware, IPv4Address targetProtocol)
    {
        message = message[..Size];
        Kind.CopyTo(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], (ushort)operation);
        senderHardware.Write(message[8..]);
        senderProtocol.Write(message[14..]);
        targetHardware.Write(message[18..]);
        targetProtocol.Write(message[24..]);
    }
}
