using System.Buffers.Binary;
using System.Numerics;

namespace Qanat.Crypto.Tests;

/// <summary>BLAKE2s as it is defined (RFC 7693, 3): of all sizes, with and without a key, and slow.</summary>
internal static class Blake2sDefinition
{
    private const int BlockLength = 64;

    private static readonly uint[] s_initial =
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    // RFC 7693, 2.7, a digit a word.
    private static readonly byte[][] s_schedule =
    [
        .. ((string[])
        [
            "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
            "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0",
        ]).Select(row => row.Select(digit => (byte)(digit > '9' ? digit - 'a' + 10 : digit - '0')).ToArray()),
    ];

    /// <summary>The hash of a message.</summary>
    /// <param name="length">Bytes of the hash, 1 to 32.</param>
    /// <param name="key">A key of up to 32 bytes.</param>
    /// <param name="message">The message.</param>
    public static byte[] Hash(int length, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        var state = (uint[])s_initial.Clone();
        state[0] ^= 0x01010000 ^ (uint)(key.Length << 8) ^ (uint)length;
        byte[] text = [.. key, .. new byte[key.IsEmpty ? 0 : BlockLength - key.Length], .. message];
        var blocks = Math.Max(1, (text.Length + BlockLength - 1) / BlockLength);
        Span<byte> block = stackalloc byte[BlockLength];
        for (var i = 0; i < blocks; i++)
        {
            var last = i == blocks - 1;
            block.Clear();
            text.AsSpan(i * BlockLength, last ? text.Length - (i * BlockLength) : BlockLength).CopyTo(block);
            Compress(state, block, last ? (uint)text.Length : (uint)((i + 1) * BlockLength), last);
        }
        var hash = new byte[32];
        for (var i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), state[i]);
        return hash[..length];
    }

    private static void Compress(uint[] state, ReadOnlySpan<byte> block, uint counter, bool last)
    {
        uint[] v = [.. state, .. s_initial], words = new uint[16];
        for (var i = 0; i < 16; i++)
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
        v[12] ^= counter;
        if (last)
            v[14] = ~v[14];
        foreach (var round in s_schedule)
            for (var i = 0; i < 8; i++)
            {
                // Four columns, then four diagonals.
                var (a, turn) = (i % 4, i / 4);
                Mix(v, a, 4 + ((a + turn) % 4), 8 + ((a + (2 * turn)) % 4), 12 + ((a + (3 * turn)) % 4),
                    words[round[2 * i]], words[round[(2 * i) + 1]]);
            }
        for (var i = 0; i < 8; i++)
            state[i] ^= v[i] ^ v[i + 8];
    }

    private static void Mix(uint[] v, int a, int b, int c, int d, uint x, uint y)
    {
        foreach (var (word, toD, toB) in ((uint, int, int)[])[(x, 16, 12), (y, 8, 7)])
        {
            v[a] += v[b] + word;
            v[d] = BitOperations.RotateRight(v[d] ^ v[a], toD);
            v[c] += v[d];
            v[b] = BitOperations.RotateRight(v[b] ^ v[c], toB);
        }
    }
}
