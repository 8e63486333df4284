using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Qanat.Crypto.Batch;

/// <summary>Eight numbers, by AVX-512F.</summary>
internal readonly unsafe struct Limbs512(Vector512<ulong> numbers) : ILimbs<Limbs512>
{
    private readonly Vector512<ulong> _numbers = numbers;

    /// <inheritdoc/>
    public static int Count => Vector512<ulong>.Count;

    /// <inheritdoc/>
    public static Limbs512 Indices => new(Vector512<ulong>.Indices);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 Create(ulong number) => new(Vector512.Create(number));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 Load(ulong* source) => new(Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Limbs512 numbers, ulong* destination) => numbers._numbers.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlocks(byte** addresses, out Limbs512 low, out Limbs512 high)
    {
        // Unpacking takes from the one and the other by turns, so lanes are loaded by turns.
        var even = Four(addresses[0], addresses[2], addresses[4], addresses[6]);
        var odd = Four(addresses[1], addresses[3], addresses[5], addresses[7]);
        low = new(Avx512F.UnpackLow(even, odd));
        high = new(Avx512F.UnpackHigh(even, odd));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator +(Limbs512 left, Limbs512 right) => new(left._numbers + right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator &(Limbs512 left, Limbs512 right) => new(left._numbers & right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator |(Limbs512 left, Limbs512 right) => new(left._numbers | right._numbers);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator *(Limbs512 left, Limbs512 right) =>
        new(Avx512F.Multiply(left._numbers.AsUInt32(), right._numbers.AsUInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator <<(Limbs512 numbers, int bits) => new(numbers._numbers << bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Limbs512 operator >>>(Limbs512 numbers, int bits) => new(numbers._numbers >>> bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Four(byte* first, byte* second, byte* third, byte* fourth)
    {
        var blocks = Vector128.Load((ulong*)first).ToVector256Unsafe().ToVector512Unsafe();
        blocks = Avx512F.InsertVector128(blocks, Vector128.Load((ulong*)second), 1);
        blocks = Avx512F.InsertVector128(blocks, Vector128.Load((ulong*)third), 2);
        return Avx512F.InsertVector128(blocks, Vector128.Load((ulong*)fourth), 3);
    }
}
