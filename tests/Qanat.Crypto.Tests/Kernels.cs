using Qanat.Crypto.Batch;

namespace Qanat.Crypto.Tests;

/// <summary>The kernels of an implementation, on their own. Null where they have fewer lanes than are asked for.</summary>
internal static class Kernels
{
    /// <summary>Those in vectors that this machine has.</summary>
    public static IEnumerable<AeadImplementation> Implementations =>
        new[] { AeadImplementation.Avx2, AeadImplementation.Avx512 }.Where(BatchAead.Supports);

    /// <summary>The block that one lane makes, all others being busy with something else.</summary>
    public static byte[]? Block(AeadImplementation implementation, int lane, byte[] key, uint counter, ulong nonce) =>
        implementation == AeadImplementation.Avx512
            ? Block<Words512>(lane, key, counter, nonce)
            : Block<Words256>(lane, key, counter, nonce);

    /// <summary>The tags of texts under one one-time key.</summary>
    public static byte[][]? Tags(AeadImplementation implementation, byte[][] texts, byte[] key) =>
        implementation == AeadImplementation.Avx512 ? Tags<Limbs512>(texts, key) : Tags<Limbs256>(texts, key);

    private static unsafe byte[]? Block<T>(int lane, byte[] key, uint counter, ulong nonce) where T : unmanaged, IWords<T>
    {
        if (lane >= T.Count)
            return null;
        uint[] counters = new uint[T.Count], lows = new uint[T.Count], highs = new uint[T.Count];
        for (var i = 0; i < T.Count; i++)
            (counters[i], lows[i], highs[i]) = ((uint)i * 77, (uint)i * 7777, (uint)i * 777_777);
        (counters[lane], lows[lane], highs[lane]) = (counter, (uint)nonce, (uint)(nonce >> 32));
        byte[] salted = [.. key, 0, 0, 0, 0], stream = new byte[T.Count * ChaCha20Lanes<T>.BlockLength];
        fixed (byte* keyBytes = salted, streamBytes = stream)
        fixed (uint* counterWords = counters, lowWords = lows, highWords = highs)
            ChaCha20Lanes<T>.Generate((uint*)keyBytes, counterWords, lowWords, highWords, streamBytes);
        return stream[(lane * ChaCha20Lanes<T>.BlockLength)..][..ChaCha20Lanes<T>.BlockLength];
    }

    private static unsafe byte[][]? Tags<T>(byte[][] texts, byte[] key) where T : unmanaged, ILimbs<T>
    {
        if (texts.Length > T.Count)
            return null;
        using var memory = new PinnedPackets([.. texts.Select(text => text.Length)], new Random(1));
        for (var i = 0; i < texts.Length; i++)
            texts[i].CopyTo(memory.Bytes[memory.Offsets[i]..]);
        var tags = new byte[texts.Length * BatchAead.TagLength];
        fixed (AeadPacket* packets = memory.With(new ulong[texts.Length]))
        fixed (byte* keyBytes = key, tagBytes = tags)
            Poly1305Lanes<T>.Compute(packets, texts.Length, keyBytes, 0, tagBytes);
        return [.. tags.Chunk(BatchAead.TagLength)];
    }
}
