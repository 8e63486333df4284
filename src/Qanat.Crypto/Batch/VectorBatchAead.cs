using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Qanat.Crypto.Batch;

/// <summary>
/// ChaCha20-Poly1305 of as many packets at a time as a vector has 64-bit lanes: no branch and no address depends on a key or a text.
/// </summary>
internal sealed unsafe class VectorBatchAead<TWords, TLimbs> : BatchAead
    where TWords : unmanaged, IWords<TWords>
    where TLimbs : unmanaged, ILimbs<TLimbs>
{
    // And the salt behind it, which is the first word of all nonces.
    private readonly SecretKey _key;

    public VectorBatchAead(AeadImplementation implementation, ReadOnlySpan<byte> key, CipherDirection direction, uint salt)
        : base(implementation, direction)
    {
        Span<byte> salted = stackalloc byte[KeyLength + sizeof(uint)];
        key.CopyTo(salted);
        MemoryMarshal.Write(salted[KeyLength..], salt);
        _key = new SecretKey(salted);
        CryptographicOperations.ZeroMemory(salted);
    }

    /// <inheritdoc/>
    public override void Dispose() => _key.Dispose();

    /// <inheritdoc/>
    private protected override void SealAll(AeadPacket* packets, int count)
    {
        fixed (byte* key = _key.Bytes)
            for (var i = 0; i < count; i += TLimbs.Count)
                Seal((uint*)key, packets + i, Math.Min(TLimbs.Count, count - i));
    }

    /// <inheritdoc/>
    private protected override int OpenAll(AeadPacket* packets, int count)
    {
        var valid = 0;
        fixed (byte* key = _key.Bytes)
            for (var i = 0; i < count; i += TLimbs.Count)
                valid += Open((uint*)key, packets + i, Math.Min(TLimbs.Count, count - i));
        return valid;
    }

    [SkipLocalsInit]
    private static void Seal(uint* key, AeadPacket* packets, int count)
    {
        var keys = stackalloc byte[TLimbs.Count * PacketKeyStream<TWords>.KeyStride];
        var tags = stackalloc byte[TLimbs.Count * TagLength];
        Unsafe.SkipInit(out PacketKeyStream<TWords> stream);
        stream.Begin(key, packets, count);
        stream.CopyKeys(keys);
        stream.ApplyAll(key);
        ComputeTags(packets, count, keys, tags);
        for (var i = 0; i < count; i++)
            Vector128.Load(tags + (i * TagLength)).Store(packets[i].Text + packets[i].Length);
        CryptographicOperations.ZeroMemory(new Span<byte>(keys, count * PacketKeyStream<TWords>.KeyStride));
        stream.Wipe();
    }

    [SkipLocalsInit]
    private static int Open(uint* key, AeadPacket* packets, int count)
    {
        var keys = stackalloc byte[TLimbs.Count * PacketKeyStream<TWords>.KeyStride];
        var tags = stackalloc byte[TLimbs.Count * TagLength];
        Unsafe.SkipInit(out PacketKeyStream<TWords> stream);
        stream.Begin(key, packets, count);
        stream.CopyKeys(keys);
        ComputeTags(packets, count, keys, tags);
        stream.ApplyAll(key);
        var valid = 0;
        for (var i = 0; i < count; i++)
        {
            var difference = Vector128.Load(tags + (i * TagLength)) ^ Vector128.Load(packets[i].Text + packets[i].Length);
            packets[i].IsValid = difference == Vector128<byte>.Zero;
            if (packets[i].IsValid)
                valid++;
            else
                new Span<byte>(packets[i].Text, packets[i].Length).Clear();
        }
        CryptographicOperations.ZeroMemory(new Span<byte>(keys, count * PacketKeyStream<TWords>.KeyStride));
        CryptographicOperations.ZeroMemory(new Span<byte>(tags, count * TagLength));
        stream.Wipe();
        return valid;
    }

    private static void ComputeTags(AeadPacket* packets, int count, byte* keys, byte* tags)
    {
        // Few packets are through faster with fewer lanes each than there could be.
        if (count <= Limbs256.Count / 2)
            Poly1305Lanes<Limbs256>.Compute(packets, count, keys, PacketKeyStream<TWords>.KeyStride, tags);
        else
            Poly1305Lanes<TLimbs>.Compute(packets, count, keys, PacketKeyStream<TWords>.KeyStride, tags);
    }
}
