using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A view of the second and last message of a handshake (whitepaper, 5.4.3).</summary>
/// <remarks>
/// <code>
/// | type = 2 | reserved = 0 (3 bytes) |      sender (4)      |
/// |        receiver (4)       |
/// |                    ephemeral (32)                        |
/// |                empty (0, sealed: + 16)                   |
/// |          mac1 (16)          |          mac2 (16)         |
/// </code>
/// </remarks>
public readonly ref struct ResponseMessage
{
    /// <summary>Bytes of the message.</summary>
    public const int Size = MacsOffset + 2 * Blake2sMac.Length;

    internal const int SenderOffset = 4, ReceiverOffset = 8, EphemeralOffset = 12, EmptyOffset = EphemeralOffset + X25519.KeyLength;
    internal const int MacsOffset = EmptyOffset + Aead.MaxTagLength;

    private ResponseMessage(ReadOnlySpan<byte> message) => Bytes = message;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The index that the responder wants packets sent to.</summary>
    public uint Sender => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[SenderOffset..]);

    /// <summary>The initiator's index.</summary>
    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[ReceiverOffset..]);

    /// <summary>The responder's public key for this handshake alone.</summary>
    public ReadOnlySpan<byte> Ephemeral => Bytes[EphemeralOffset..EmptyOffset];

    /// <summary>Nothing, sealed: shows that the responder has all the keys.</summary>
    public ReadOnlySpan<byte> Empty => Bytes[EmptyOffset..MacsOffset];

    /// <summary>Shows that the sender knows who it is for.</summary>
    public ReadOnlySpan<byte> Mac1 => Macs.Mac1(Bytes);

    /// <summary>Shows that the sender has a cookie; zeros when it has none.</summary>
    public ReadOnlySpan<byte> Mac2 => Macs.Mac2(Bytes);

    /// <summary>Views a datagram. False when it is of another type or length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out ResponseMessage message)
    {
        var valid = Message.TypeOf(datagram) == MessageType.Response;
        message = valid ? new(datagram) : default;
        return valid;
    }
}
