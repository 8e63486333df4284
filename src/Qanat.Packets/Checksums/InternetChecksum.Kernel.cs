using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Qanat.Packets;

// The sum does not care for byte order or word size (RFC 1071 section 2): whole machine words are added, in memory order,
// and the folded result alone is swapped. Each 64-bit lane is split into its two 32-bit halves, whose sums cannot
// overflow, so no carry is lost and none has to be looked at before the end.
public static partial class InternetChecksum
{
    /// <summary>What a kernel does besides summing. A struct, so that each use is compiled for itself.</summary>
    private interface IPass
    {
        static abstract bool Copies { get; }
    }

    private readonly struct SumAlone : IPass
    {
        public static bool Copies => false;
    }

    private readonly struct SumAndCopy : IPass
    {
        public static bool Copies => true;
    }

    /// <summary>A native-order sum folded to 16 bits, as a partial sum of big-endian words.</summary>
    private static uint ToNetworkOrder(ulong sum)
    {
        var folded = (ushort)FoldLong((uint)sum + (sum >> 32));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }

    /// <summary>The sum of native-order words of <paramref name="length"/> bytes, below 2^62 for any span.</summary>
    // Compiled once and fully: left to the tiers, the loops run unoptimised for too long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong SumNative<TPass>(ref byte source, ref byte destination, nuint length) where TPass : struct, IPass
    {
        nuint at = 0;
        ulong sum = 0;

        if (Vector512.IsHardwareAccelerated && length >= 64)
        {
            Vector512<ulong> halves = Vector512.Create((ulong)uint.MaxValue);
            Vector512<ulong> low0 = default, low1 = default, high0 = default, high1 = default;
            for (; at + 128 <= length; at += 128)
            {
                var first = Vector512.LoadUnsafe(ref source, at);
                var second = Vector512.LoadUnsafe(ref source, at + 64);
                if (TPass.Copies)
                {
                    first.StoreUnsafe(ref destination, at);
                    second.StoreUnsafe(ref destination, at + 64);
                }
                low0 += first.AsUInt64() & halves;
                high0 += first.AsUInt64() >>> 32;
                low1 += second.AsUInt64() & halves;
                high1 += second.AsUInt64() >>> 32;
            }
            for (; at + 64 <= length; at += 64)
            {
                var block = Vector512.LoadUnsafe(ref source, at);
                if (TPass.Copies)
                    block.StoreUnsafe(ref destination, at);
                low0 += block.AsUInt64() & halves;
                high0 += block.AsUInt64() >>> 32;
            }
            sum += Vector512.Sum(low0 + low1 + high0 + high1);
        }

        if (Vector256.IsHardwareAccelerated && length - at >= 32)
        {
            Vector256<ulong> halves = Vector256.Create((ulong)uint.MaxValue);
            Vector256<ulong> low = default, high = default;
            for (; at + 32 <= length; at += 32)
            {
                var block = Vector256.LoadUnsafe(ref source, at);
                if (TPass.Copies)
                    block.StoreUnsafe(ref destination, at);
                low += block.AsUInt64() & halves;
                high += block.AsUInt64() >>> 32;
            }
            sum += Vector256.Sum(low + high);
        }
        else if (Vector128.IsHardwareAccelerated && length - at >= 32)
        {
            Vector128<ulong> halves = Vector128.Create((ulong)uint.MaxValue);
            Vector128<ulong> low = default, high = default;
            for (; at + 16 <= length; at += 16)
            {
                var block = Vector128.LoadUnsafe(ref source, at);
                if (TPass.Copies)
                    block.StoreUnsafe(ref destination, at);
                low += block.AsUInt64() & halves;
                high += block.AsUInt64() >>> 32;
            }
            sum += Vector128.Sum(low + high);
        }

        for (; at + 8 <= length; at += 8)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at));
            if (TPass.Copies)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, at), word);
            sum += (uint)word + (word >> 32);
        }
        if ((length & 4) != 0)
        {
            var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at));
            if (TPass.Copies)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, at), word);
            sum += word;
            at += 4;
        }
        if ((length & 2) != 0)
        {
            var word = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, at));
            if (TPass.Copies)
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, at), word);
            sum += word;
            at += 2;
        }
        if ((length & 1) != 0)
        {
            var last = Unsafe.Add(ref source, at);
            if (TPass.Copies)
                Unsafe.Add(ref destination, at) = last;
            sum += BitConverter.IsLittleEndian ? last : (uint)last << 8;
        }
        return sum;
    }
}
