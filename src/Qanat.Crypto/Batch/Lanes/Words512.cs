using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Qanat.Crypto.Batch;

/// <summary>Sixteen words, by AVX-512F.</summary>
internal readonly unsafe struct Words512(Vector512<uint> words) : IWords<Words512>
{
    private readonly Vector512<uint> _words = words;

    /// <inheritdoc/>
    public static int Count => Vector512<uint>.Count;

    /// <inheritdoc/>
    public static Words512 Indices => new(Vector512<uint>.Indices);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Create(uint word) => new(Vector512.Create(word));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Load(uint* source) => new(Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Words512 words, uint* destination) => words._words.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator +(Words512 left, Words512 right) => new(left._words + right._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator ^(Words512 left, Words512 right) => new(left._words ^ right._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 RotateLeft16(Words512 words) => new(Avx512F.RotateLeft(words._words, 16));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 RotateLeft12(Words512 words) => new(Avx512F.RotateLeft(words._words, 12));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 RotateLeft8(Words512 words) => new(Avx512F.RotateLeft(words._words, 8));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 RotateLeft7(Words512 words) => new(Avx512F.RotateLeft(words._words, 7));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreByLane(
        Words512 x0, Words512 x1, Words512 x2, Words512 x3, Words512 x4, Words512 x5, Words512 x6, Words512 x7, byte* destination)
    {
        var (a0, a1, a2, a3) = Quarters(x0._words, x1._words, x2._words, x3._words);
        var (b0, b1, b2, b3) = Quarters(x4._words, x5._words, x6._words, x7._words);
        StoreLanes(a0, b0, destination);
        StoreLanes(a1, b1, destination + 64);
        StoreLanes(a2, b2, destination + 128);
        StoreLanes(a3, b3, destination + 192);
    }

    // Quarter q (128 bits) of the result i holds the four words of lane 4q + i.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<ulong> First, Vector512<ulong> Second, Vector512<ulong> Third, Vector512<ulong> Fourth) Quarters(
        Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3)
    {
        var low01 = Avx512F.UnpackLow(x0, x1).AsUInt64();
        var high01 = Avx512F.UnpackHigh(x0, x1).AsUInt64();
        var low23 = Avx512F.UnpackLow(x2, x3).AsUInt64();
        var high23 = Avx512F.UnpackHigh(x2, x3).AsUInt64();
        return (Avx512F.UnpackLow(low01, low23), Avx512F.UnpackHigh(low01, low23),
            Avx512F.UnpackLow(high01, high23), Avx512F.UnpackHigh(high01, high23));
    }

    // Quarters of lanes i, 4 + i, 8 + i and 12 + i, each pair side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLanes(Vector512<ulong> a, Vector512<ulong> b, byte* destination)
    {
        var near = Avx512F.PermuteVar8x64x2(a, Vector512.Create(0UL, 1, 8, 9, 2, 3, 10, 11), b).AsByte();
        var far = Avx512F.PermuteVar8x64x2(a, Vector512.Create(4UL, 5, 12, 13, 6, 7, 14, 15), b).AsByte();
        near.GetLower().Store(destination);
        near.GetUpper().Store(destination + (4 * 64));
        far.GetLower().Store(destination + (8 * 64));
        far.GetUpper().Store(destination + (12 * 64));
    }
}
