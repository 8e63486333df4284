using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A view of the first message of a handshake (whitepaper, 5.4.2).</summary>
/// <remarks>
/// <code>
/// | type = 1 | reserved = 0 (3 bytes) |      sender (4)      |
/// |                    ephemeral (32)                        |
/// |              static (32, sealed: + 16)                   |
/// |             timestamp (12, sealed: + 16)                 |
/// |          mac1 (16)          |          mac2 (16)         |
/// </code>
/// </remarks>
public readonly ref struct InitiationMessage
{
    /// <summary>Bytes of the message.</summary>
    public const int Size = MacsOffset + 2 * Blake2sMac.Length;

    internal const int SenderOffset = 4, EphemeralOffset = 8, StaticOffset = EphemeralOffset + X25519.KeyLength;
    internal const int TimestampOffset = StaticOffset + X25519.KeyLength + Aead.MaxTagLength;
    internal const int MacsOffset = TimestampOffset + Tai64n.Size + Aead.MaxTagLength;

    private InitiationMessage(ReadOnlySpan<byte> message) => Bytes = message;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The index that the initiator wants answers sent to.</summary>
    public uint Sender => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[SenderOffset..]);

    /// <summary>The initiator's public key for this handshake alone.</summary>
    public ReadOnlySpan<byte> Ephemeral => Bytes[EphemeralOffset..StaticOffset];

    /// <summary>Its lasting public key, sealed.</summary>
    public ReadOnlySpan<byte> Static => Bytes[StaticOffset..TimestampOffset];

    /// <summary>When it was made, sealed.</summary>
    public ReadOnlySpan<byte> Timestamp => Bytes[TimestampOffset..MacsOffset];

    /// <summary>Shows that the sender knows who it is for.</summary>
    public ReadOnlySpan<byte> Mac1 => Macs.Mac1(Bytes);

    /// <summary>Shows that the sender has a cookie; zeros when it has none.</summary>
    public ReadOnlySpan<byte> Mac2 => Macs.Mac2(Bytes);

    /// <summary>Views a datagram. False when it is of another type or length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out InitiationMessage message)
    {
        var valid = Message.TypeOf(datagram) == MessageType.Initiation;
        message = valid ? new(datagram) : default;
        return valid;
    }
}
