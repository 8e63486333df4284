using System.Buffers.Binary;
using Xunit;

namespace Qanat.Crypto.Tests;

/// <summary>One implementation under a random key, and what libcrypto makes of the same packets, each alone.</summary>
internal sealed class BatchTrial : IDisposable
{
    private readonly BatchAead _sealer, _opener;
    private readonly Aead _oracle;
    private readonly uint _salt;

    public BatchTrial(AeadImplementation implementation, int seed)
    {
        Random = new Random(seed);
        var key = new byte[BatchAead.KeyLength];
        Random.NextBytes(key);
        // WireGuard's, or any.
        _salt = seed % 2 == 0 ? 0 : (uint)Random.NextInt64(1L << 32);
        _sealer = BatchAead.Create(implementation, key, CipherDirection.Seal, _salt);
        _opener = BatchAead.Create(implementation, key, CipherDirection.Open, _salt);
        _oracle = new Aead(AeadAlgorithm.ChaCha20Poly1305, key, CipherDirection.Seal);
    }

    public Random Random { get; }

    /// <summary>Seals packets of these lengths: not a byte may differ from libcrypto's, nor one beside them. Opens them again.</summary>
    public void SealAndOpen(int[] lengths)
    {
        using var memory = new PinnedPackets(lengths, Random);
        var counters = Counters(lengths.Length);
        var clear = memory.Bytes.ToArray();
        var packets = memory.With(counters);
        _sealer.Seal(packets);
        var expected = Expected(clear, memory, counters);
        AssertSame(expected, memory.Bytes, lengths);

        Assert.Equal(lengths.Length, _opener.Open(packets));
        Assert.All(packets, packet => Assert.True(packet.IsValid));
        for (var i = 0; i < lengths.Length; i++)
            clear.AsSpan(memory.Offsets[i], lengths[i]).CopyTo(expected.AsSpan(memory.Offsets[i]));
        AssertSame(expected, memory.Bytes, lengths);
    }

    /// <summary>
    /// Seals packets, changes a bit of one, counted from its first byte: that one is refused and wiped, all others are opened.
    /// </summary>
    public void Forge(int[] lengths, int forged, int bit)
    {
        using var memory = new PinnedPackets(lengths, Random);
        var counters = Counters(lengths.Length);
        var clear = memory.Bytes.ToArray();
        var packets = memory.With(counters);
        var expected = Expected(clear, memory, counters);
        expected[memory.Offsets[forged] + (bit / 8)] ^= (byte)(1 << (bit % 8));
        expected.CopyTo(memory.Bytes);

        Assert.Equal(lengths.Length - 1, _opener.Open(packets));
        for (var i = 0; i < lengths.Length; i++)
        {
            Assert.Equal(i != forged, packets[i].IsValid);
            var text = expected.AsSpan(memory.Offsets[i], lengths[i]);
            if (i == forged)
                text.Clear();
            else
                clear.AsSpan(memory.Offsets[i], lengths[i]).CopyTo(text);
        }
        AssertSame(expected, memory.Bytes, lengths);
    }

    public void Dispose()
    {
        _sealer.Dispose();
        _opener.Dispose();
        _oracle.Dispose();
    }

    // One after the other, or any.
    private ulong[] Counters(int count)
    {
        var first = (ulong)Random.NextInt64(-100, 1L << 33);
        var consecutive = Random.Next(2) == 0;
        return [.. Enumerable.Range(0, count).Select(i => consecutive
            ? first + (ulong)i
            : (ulong)Random.NextInt64(long.MinValue, long.MaxValue))];
    }

    private byte[] Expected(byte[] clear, PinnedPackets memory, ulong[] counters)
    {
        var expected = (byte[])clear.Clone();
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, _salt);
        for (var i = 0; i < counters.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], counters[i]);
            var text = expected.AsSpan(memory.Offsets[i], memory.Lengths[i]);
            _oracle.Seal(nonce, [], text, expected.AsSpan(memory.Offsets[i] + text.Length, BatchAead.TagLength));
        }
        return expected;
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int[] lengths)
    {
        if (!expected.SequenceEqual(actual))
            Assert.Fail($"Byte {expected.CommonPrefixLength(actual)} differs, lengths {string.Join(", ", lengths)}");
    }
}
