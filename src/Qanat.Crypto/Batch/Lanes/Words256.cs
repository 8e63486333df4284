using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Qanat.Crypto.Batch;

/// <summary>Eight words, by AVX2.</summary>
internal readonly unsafe struct Words256(Vector256<uint> words) : IWords<Words256>
{
    private readonly Vector256<uint> _words = words;

    /// <inheritdoc/>
    public static int Count => Vector256<uint>.Count;

    /// <inheritdoc/>
    public static Words256 Indices => new(Vector256<uint>.Indices);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 Create(uint word) => new(Vector256.Create(word));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 Load(uint* source) => new(Vector256.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Words256 words, uint* destination) => words._words.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator +(Words256 left, Words256 right) => new(left._words + right._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 operator ^(Words256 left, Words256 right) => new(left._words ^ right._words);

    // AVX-512 rotates vectors of 256 bits too. Without it, whole bytes are shuffled, which is one instruction where shifting takes three.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 RotateLeft16(Words256 words) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(words._words, 16)
        : Avx2.Shuffle(words._words.AsByte(), Vector256.Create(
            (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 RotateLeft12(Words256 words) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(words._words, 12)
        : (words._words << 12) | (words._words >>> 20));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 RotateLeft8(Words256 words) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(words._words, 8)
        : Avx2.Shuffle(words._words.AsByte(), Vector256.Create(
            (byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words256 RotateLeft7(Words256 words) => new(Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateLeft(words._words, 7)
        : (words._words << 7) | (words._words >>> 25));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreByLane(
        Words256 x0, Words256 x1, Words256 x2, Words256 x3, Words256 x4, Words256 x5, Words256 x6, Words256 x7, byte* destination)
    {
        var (a0, a1, a2, a3) = Halves(x0._words, x1._words, x2._words, x3._words);
        var (b0, b1, b2, b3) = Halves(x4._words, x5._words, x6._words, x7._words);
        StoreLanes(a0, b0, destination);
        StoreLanes(a1, b1, destination + 64);
        StoreLanes(a2, b2, destination + 128);
        StoreLanes(a3, b3, destination + 192);
    }

    // Half h (128 bits) of the result i holds the four words of lane 4h + i.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<ulong> First, Vector256<ulong> Second, Vector256<ulong> Third, Vector256<ulong> Fourth) Halves(
        Vector256<uint> x0, Vector256<uint> x1, Vector256<uint> x2, Vector256<uint> x3)
    {
        var low01 = Avx2.UnpackLow(x0, x1).AsUInt64();
        var high01 = Avx2.UnpackHigh(x0, x1).AsUInt64();
        var low23 = Avx2.UnpackLow(x2, x3).AsUInt64();
        var high23 = Avx2.UnpackHigh(x2, x3).AsUInt64();
        return (Avx2.UnpackLow(low01, low23), Avx2.UnpackHigh(low01, low23),
            Avx2.UnpackLow(high01, high23), Avx2.UnpackHigh(high01, high23));
    }

    // Halves of lanes i and 4 + i, each pair side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLanes(Vector256<ulong> a, Vector256<ulong> b, byte* destination)
    {
        Avx2.Permute2x128(a, b, 0x20).AsByte().Store(destination);
        Avx2.Permute2x128(a, b, 0x31).AsByte().Store(destination + (4 * 64));
    }
}
