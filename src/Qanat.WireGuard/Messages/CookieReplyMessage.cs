using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A view of what a host under load answers to a handshake message without a cookie (whitepaper, 5.4.7).</summary>
/// <remarks>
/// <code>
/// | type = 3 | reserved = 0 (3 bytes) |     receiver (4)     |
/// |                      nonce (24)                          |
/// |               cookie (16, sealed: + 16)                  |
/// </code>
/// </remarks>
public readonly ref struct CookieReplyMessage
{
    /// <summary>Bytes of the message.</summary>
    public const int Size = CookieOffset + Blake2sMac.Length + XChaCha20Poly1305.TagLength;

    internal const int ReceiverOffset = 4, NonceOffset = 8, CookieOffset = NonceOffset + XChaCha20Poly1305.NonceLength;

    private CookieReplyMessage(ReadOnlySpan<byte> message) => Bytes = message;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The sender of the message that is answered.</summary>
    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[ReceiverOffset..]);

    /// <summary>What the cookie is sealed with, besides a key that everyone knows.</summary>
    public ReadOnlySpan<byte> Nonce => Bytes[NonceOffset..CookieOffset];

    /// <summary>The cookie, sealed.</summary>
    public ReadOnlySpan<byte> Cookie => Bytes[CookieOffset..];

    /// <summary>Views a datagram. False when it is of another type or length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out CookieReplyMessage message)
    {
        var valid = Message.TypeOf(datagram) == MessageType.CookieReply;
        message = valid ? new(datagram) : default;
        return valid;
    }
}
