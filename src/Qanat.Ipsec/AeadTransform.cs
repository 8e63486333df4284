using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.Ipsec;

/// <summary>
/// AES-GCM (RFC 4106) and ChaCha20-Poly1305 (RFC 7634), which are the same but for the cipher: the nonce is a salt of 4
/// bytes and the vector of 8; authenticated are SPI and sequence number, the upper half of an extended one between them.
/// </summary>
/// <param name="cipher">The cipher, which it owns.</param>
/// <param name="salt">The salt, which is part of the key.</param>
/// <param name="icvLength">Bytes of the integrity check value.</param>
internal sealed class AeadTransform(Aead cipher, ReadOnlySpan<byte> salt, int icvLength) : EspTransform
{
    public const int SaltLength = 4, IvLength = 8;

    private readonly SecretKey _salt = new(salt);

    public override void Seal(Span<byte> packet, uint? high, UInt128 unique)
    {
        BinaryPrimitives.WriteUInt64BigEndian(packet[EspHeader.Size..], (ulong)unique);
        Span<byte> nonce = stackalloc byte[Aead.NonceLength], associated = stackalloc byte[EspHeader.Size + sizeof(uint)];
        Nonce(packet, nonce);
        cipher.Seal(nonce, associated[..Associate(packet, high, associated)], Text(packet), packet[^icvLength..]);
    }

    public override bool TryOpen(Span<byte> packet, uint? high)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength], associated = stackalloc byte[EspHeader.Size + sizeof(uint)];
        Nonce(packet, nonce);
        return cipher.TryOpen(nonce, associated[..Associate(packet, high, associated)], Text(packet), packet[^icvLength..]);
    }

    public override void Dispose()
    {
        cipher.Dispose();
        _salt.Dispose();
    }

    private Span<byte> Text(Span<byte> packet) => packet[(EspHeader.Size + IvLength)..^icvLength];

    private void Nonce(ReadOnlySpan<byte> packet, Span<byte> nonce)
    {
        _salt.Bytes.CopyTo(nonce);
        packet.Slice(EspHeader.Size, IvLength).CopyTo(nonce[SaltLength..]);
    }

    private static int Associate(ReadOnlySpan<byte> packet, uint? high, Span<byte> associated)
    {
        packet[..4].CopyTo(associated);
        var length = 4 + WriteHigh(associated[4..], high);
        packet[4..EspHeader.Size].CopyTo(associated[length..]);
        return length + 4;
    }
}
