using System.Runtime.CompilerServices;

namespace Qanat.Crypto.Batch;

/// <summary>
/// ChaCha20's block function (RFC 8439, 2.3) for as many blocks at a time as a vector has words: a block a lane, each with
/// its own counter and nonce, all under one key.
/// </summary>
internal static unsafe class ChaCha20Lanes<T> where T : unmanaged, IWords<T>
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 64;

    /// <summary>
    /// Generates a block of key stream a lane, one behind the other.
    /// </summary>
    /// <param name="key">The key, 8 words, and the first word of all nonces.</param>
    /// <param name="counters">The block counter of each lane.</param>
    /// <param name="lows">The second word of each lane's nonce.</param>
    /// <param name="highs">The third word of each lane's nonce.</param>
    /// <param name="stream">Where the blocks go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Generate(uint* key, uint* counters, uint* lows, uint* highs, byte* stream)
    {
        // RFC 8439, 2.3: cccccccc cccccccc kkkkkkkk kkkkkkkk kkkkkkkk kkkkkkkk bbbbnnnn nnnnnnnn
        T x0 = T.Create(0x61707865), x1 = T.Create(0x3320646e), x2 = T.Create(0x79622d32), x3 = T.Create(0x6b206574);
        T x4 = T.Create(key[0]), x5 = T.Create(key[1]), x6 = T.Create(key[2]), x7 = T.Create(key[3]);
        T x8 = T.Create(key[4]), x9 = T.Create(key[5]), x10 = T.Create(key[6]), x11 = T.Create(key[7]);
        T x12 = T.Load(counters), x13 = T.Create(key[8]), x14 = T.Load(lows), x15 = T.Load(highs);

        for (var twice = 0; twice < 10; twice++)
        {
            QuarterRound(ref x0, ref x4, ref x8, ref x12);
            QuarterRound(ref x1, ref x5, ref x9, ref x13);
            QuarterRound(ref x2, ref x6, ref x10, ref x14);
            QuarterRound(ref x3, ref x7, ref x11, ref x15);
            QuarterRound(ref x0, ref x5, ref x10, ref x15);
            QuarterRound(ref x1, ref x6, ref x11, ref x12);
            QuarterRound(ref x2, ref x7, ref x8, ref x13);
            QuarterRound(ref x3, ref x4, ref x9, ref x14);
        }

        T.StoreByLane(
            x0 + T.Create(0x61707865), x1 + T.Create(0x3320646e), x2 + T.Create(0x79622d32), x3 + T.Create(0x6b206574),
            x4 + T.Create(key[0]), x5 + T.Create(key[1]), x6 + T.Create(key[2]), x7 + T.Create(key[3]), stream);
        T.StoreByLane(
            x8 + T.Create(key[4]), x9 + T.Create(key[5]), x10 + T.Create(key[6]), x11 + T.Create(key[7]),
            x12 + T.Load(counters), x13 + T.Create(key[8]), x14 + T.Load(lows), x15 + T.Load(highs), stream + (BlockLength / 2));
    }

    // RFC 8439, 2.1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref T a, ref T b, ref T c, ref T d)
    {
        a += b;
        d = T.RotateLeft16(d ^ a);
        c += d;
        b = T.RotateLeft12(b ^ c);
        a += b;
        d = T.RotateLeft8(d ^ a);
        c += d;
        b = T.RotateLeft7(b ^ c);
    }
}
