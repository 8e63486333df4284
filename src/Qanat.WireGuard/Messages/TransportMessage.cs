using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A view of a message that carries a packet (whitepaper, 5.4.6).</summary>
/// <remarks>
/// <code>
/// | type = 4 | reserved = 0 (3 bytes) |     receiver (4)     |
/// |                     counter (8)                          |
/// |      packet (padded to 16 bytes, sealed: + 16)           |
/// </code>
/// </remarks>
public readonly ref struct TransportMessage
{
    /// <summary>Bytes in front of the packet.</summary>
    public const int HeaderSize = 16;

    /// <summary>Bytes of the tag behind the packet.</summary>
    public const int TagSize = Aead.MaxTagLength;

    /// <summary>Bytes of a message without a packet: a keepalive.</summary>
    public const int MinSize = HeaderSize + TagSize;

    private const int ReceiverOffset = 4, CounterOffset = 8;

    private readonly ReadOnlySpan<byte> _message;

    private TransportMessage(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>The index of the session, by the receiver's count.</summary>
    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(_message[ReceiverOffset..]);

    /// <summary>The number of the packet, which is its nonce.</summary>
    public ulong Counter => BinaryPrimitives.ReadUInt64LittleEndian(_message[CounterOffset..]);

    /// <summary>The packet and its tag, sealed.</summary>
    public ReadOnlySpan<byte> Packet => _message[HeaderSize..];

    /// <summary>Views a datagram. False when it is of another type, or too short for a tag.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out TransportMessage message)
    {
        var valid = Message.TypeOf(datagram) == MessageType.Transport;
        message = valid ? new(datagram) : default;
        return valid;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="message">Where it goes; at least 16 bytes.</param>
    /// <param name="receiver">The index of the session, by the receiver's count.</param>
    /// <param name="counter">The number of the packet.</param>
    public static void WriteHeader(Span<byte> message, uint receiver, ulong counter)
    {
        Message.Begin(message, MessageType.Transport, receiver);
        BinaryPrimitives.WriteUInt64LittleEndian(message[CounterOffset..], counter);
    }
}
