using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>A packet that is sealed or opened in place, among others of its run.</summary>
internal unsafe struct TransportPacket
{
    /// <summary>The text, in memory that does not move. The tag is behind it.</summary>
    public byte* Text;

    /// <summary>Bytes of text.</summary>
    public int Length;

    /// <summary>What the nonce counts.</summary>
    public ulong Counter;

    /// <summary>Whether the tag was right.</summary>
    public bool IsValid;
}

/// <summary>
/// A session's key for one direction. This is the one place where packets meet the cipher, and they come in runs: packets of one
/// key that follow each other.
/// </summary>
internal sealed unsafe class TransportKey(ReadOnlySpan<byte> key, CipherDirection direction) : IDisposable
{
    private readonly Aead _aead = new(AeadAlgorithm.ChaCha20Poly1305, key, direction);

    /// <summary>Encrypts a run, and writes the tags.</summary>
    public void Seal(ReadOnlySpan<TransportPacket> run)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        nonce.Clear();
        foreach (ref readonly var packet in run)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packet.Counter);
            _aead.Seal(nonce, [], new(packet.Text, packet.Length), new(packet.Text + packet.Length, TransportMessage.TagSize));
        }
    }

    /// <summary>Decrypts a run, and notes which packets were authentic.</summary>
    public void Open(Span<TransportPacket> run)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        nonce.Clear();
        foreach (ref var packet in run)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packet.Counter);
            packet.IsValid = _aead.TryOpen(
                nonce, [], new(packet.Text, packet.Length), new ReadOnlySpan<byte>(packet.Text + packet.Length, TransportMessage.TagSize));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _aead.Dispose();
}
