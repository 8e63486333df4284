using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Qanat.Crypto.Batch;

/// <summary>
/// ChaCha20-Poly1305 by libcrypto, packet by packet. A context of libcrypto is one thread's as long as it works: there are as many as
/// threads that ever worked at once, by far most often one.
/// </summary>
internal sealed unsafe class LibCryptoBatchAead : BatchAead
{
    private readonly SecretKey _key;
    private readonly uint _salt;
    private readonly Aead?[] _idle = new Aead?[AeadCrew.MaxHelpers + 1];

    public LibCryptoBatchAead(ReadOnlySpan<byte> key, CipherDirection direction, uint salt) : base(AeadImplementation.LibCrypto, direction)
    {
        _key = new(key);
        _salt = salt;
        _idle[0] = MakeContext();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var context in _idle)
            context?.Dispose();
        _key.Dispose();
    }

    /// <inheritdoc/>
    private protected override void SealAll(AeadPacket* packets, int count)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, _salt);
        var aead = Take();
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packets[i].Counter);
            aead.Seal(nonce, [], Text(packets[i]), Tag(packets[i]));
        }
        PutBack(aead);
    }

    /// <inheritdoc/>
    private protected override int OpenAll(AeadPacket* packets, int count)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, _salt);
        var valid = 0;
        var aead = Take();
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], packets[i].Counter);
            packets[i].IsValid = aead.TryOpen(nonce, [], Text(packets[i]), Tag(packets[i]));
            if (packets[i].IsValid)
                valid++;
            else
                CryptographicOperations.ZeroMemory(Text(packets[i]));
        }
        PutBack(aead);
        return valid;
    }

    private Aead MakeContext() => new(AeadAlgorithm.ChaCha20Poly1305, _key.Bytes, Direction);

    private Aead Take()
    {
        for (var i = 0; i < _idle.Length; i++)
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } context)
                return context;
        return MakeContext();
    }

    private void PutBack(Aead context)
    {
        for (var i = 0; i < _idle.Length; i++)
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], context, null) is null)
                return;
        context.Dispose();
    }

    private static Span<byte> Text(in AeadPacket packet) => new(packet.Text, packet.Length);

    private static Span<byte> Tag(in AeadPacket packet) => new(packet.Text + packet.Length, TagLength);
}
