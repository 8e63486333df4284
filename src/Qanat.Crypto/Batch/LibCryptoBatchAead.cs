using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Qanat.Crypto.Batch;

/// <summary>ChaCha20-Poly1305 by libcrypto, packet by packet.</summary>
internal sealed unsafe class LibCryptoBatchAead : BatchAead
{
    private readonly Aead _aead;
    private readonly uint _salt;

    public LibCryptoBatchAead(ReadOnlySpan<byte> key, CipherDirection direction, uint salt) : base(AeadImplementation.LibCrypto, direction)
    {
        _aead = new Aead(AeadAlgorithm.ChaCha20Poly1305, key, direction);
        _salt = salt;
    }

    /// <inheritdoc/>
    public override void Dispose() => _aead.Dispose();

    /// <inheritdoc/>
    private protected override void SealAll(AeadPacket* packets, int count)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, _salt);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packets[i].Counter);
            _aead.Seal(nonce, [], Text(packets[i]), Tag(packets[i]));
        }
    }

    /// <inheritdoc/>
    private protected override int OpenAll(AeadPacket* packets, int count)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, _salt);
        var valid = 0;
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packets[i].Counter);
            packets[i].IsValid = _aead.TryOpen(nonce, [], Text(packets[i]), Tag(packets[i]));
            if (packets[i].IsValid)
                valid++;
            else
                CryptographicOperations.ZeroMemory(Text(packets[i]));
        }
        return valid;
    }

    private static Span<byte> Text(in AeadPacket packet) => new(packet.Text, packet.Length);

    private static Span<byte> Tag(in AeadPacket packet) => new(packet.Text + packet.Length, TagLength);
}
