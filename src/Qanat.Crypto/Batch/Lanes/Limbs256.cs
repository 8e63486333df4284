using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Qanat.Crypto.Batch;

/// <summary>Four numbers, by AVX2.</summary>
internal readonly unsafe struct Limbs256(Vector256<ulong> numbers) : ILimbs<Limbs256>
{
    private readonly Vector256<ulong> _numbers = numbers;

    /// <inheritdoc/>
    public static int Count => Vector256<ulong>.Count;

    /// <inheritdoc/>
    public static Limbs256 Indices => new(Vector256<ulong>.Indices);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 Create(ulong number) => new(Vector256.Create(number));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 Load(ulong* source) => new(Vector256.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Limbs256 numbers, ulong* destination) => numbers._numbers.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlocks(byte** addresses, out Limbs256 low, out Limbs256 high)
    {
        // Unpacking takes from the one and the other by turns, so lanes are loaded by turns.
        var even = Pair(addresses[0], addresses[2]);
        var odd = Pair(addresses[1], addresses[3]);
        low = new(Avx2.UnpackLow(even, odd));
        high = new(Avx2.UnpackHigh(even, odd));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator +(Limbs256 left, Limbs256 right) => new(left._numbers + right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator &(Limbs256 left, Limbs256 right) => new(left._numbers & right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator |(Limbs256 left, Limbs256 right) => new(left._numbers | right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator *(Limbs256 left, Limbs256 right) =>
        new(Avx2.Multiply(left._numbers.AsUInt32(), right._numbers.AsUInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator <<(Limbs256 numbers, int bits) => new(numbers._numbers << bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs256 operator >>>(Limbs256 numbers, int bits) => new(numbers._numbers >>> bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Pair(byte* first, byte* second) =>
        Avx2.InsertVector128(Vector128.Load((ulong*)first).ToVector256Unsafe(), Vector128.Load((ulong*)second), 1);
}
