using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Qanat.Crypto.Batch;

/// <summary>
/// Poly1305 (RFC 8439, 2.5) of many texts at a time: numbers modulo 2^130 - 5 are five limbs of 26 bits, and each lane has its own.
/// Which blocks a lane takes, <see cref="Poly1305Feed"/> says. Time depends on the lengths of the texts alone.
/// </summary>
// Compiled once and fully, its helpers too: left to the tiers, a busy core takes seconds to be at its speed.
internal static unsafe class Poly1305Lanes<T> where T : unmanaged, ILimbs<T>
{
    private const int LimbBits = 26;
    private const ulong LimbMask = (1 << LimbBits) - 1;

    /// <summary>Computes a tag a text.</summary>
    /// <param name="packets">The texts.</param>
    /// <param name="count">How many there are: from one to as many as lanes.</param>
    /// <param name="keys">Their one-time keys: 16 bytes r, 16 bytes s.</param>
    /// <param name="keyStride">Bytes from a key to the next.</param>
    /// <param name="tags">Where the tags go, 16 bytes each, one behind the other.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(AeadPacket* packets, int count, byte* keys, int keyStride, byte* tags)
    {
        Unsafe.SkipInit(out Poly1305Feed feed);
        feed.Begin(packets, count, T.Count);
        Element sum = default, power, last;
        Powers(keys, keyStride, count, feed.LanesEach, &power, &last);
        for (int steps; (steps = feed.Next()) > 0;)
            Absorb(&sum, &power, &feed, steps);
        Multiply(&sum, &last);
        for (var i = 0; i < count; i++)
            Finish((ulong*)&sum + (i * feed.LanesEach), feed.LanesEach, (uint*)(keys + (i * keyStride) + 16), (uint*)(tags + (i * 16)));
        Wipe(&sum);
        Wipe(&power);
        Wipe(&last);
    }

    /// <summary>With n lanes a text: r^n, by which a lane goes on, and r^(n - i), by which its lane i ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Powers(byte* keys, int keyStride, int count, int lanesEach, Element* power, Element* last)
    {
        var addresses = stackalloc byte*[T.Count];
        for (var lane = 0; lane < T.Count; lane++)
            addresses[lane] = keys + (Math.Min(lane / lanesEach, count - 1) * keyStride);
        T.LoadBlocks(addresses, out var low, out var high);
        // RFC 8439, 2.5: some bits of r are to be clear.
        Split(low & T.Create(0x0ffffffc0fffffff), high & T.Create(0x0ffffffc0ffffffc), T.Create(LimbMask),
            out power->Limb0, out power->Limb1, out power->Limb2, out power->Limb3, out power->Limb4);
        *last = *power;

        // Square and multiply: lane i does with the bits that i lacks, which are those of n - i - 1, and multiplies by one else.
        Element factor;
        T index = T.Indices, one = T.Create(1);
        for (var lanes = 1; lanes < lanesEach; lanes <<= 1, index >>>= 1)
        {
            T has = index & one, lacks = (has + one) & one;
            factor.Limb0 = (power->Limb0 * lacks) + has;
            factor.Limb1 = power->Limb1 * lacks;
            factor.Limb2 = power->Limb2 * lacks;
            factor.Limb3 = power->Limb3 * lacks;
            factor.Limb4 = power->Limb4 * lacks;
            Multiply(last, &factor);
            Multiply(power, power);
        }
        Wipe(&factor);
    }

    /// <summary>Takes blocks in: a multiplication and an addition a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Absorb(Element* sum, Element* power, Poly1305Feed* feed, int steps)
    {
        T h0 = sum->Limb0, h1 = sum->Limb1, h2 = sum->Limb2, h3 = sum->Limb3, h4 = sum->Limb4;
        T r0 = power->Limb0, r1 = power->Limb1, r2 = power->Limb2, r3 = power->Limb3, r4 = power->Limb4;
        T s1 = Five(r1), s2 = Five(r2), s3 = Five(r3), s4 = Five(r4), mask = T.Create(LimbMask);
        T addresses = T.Load(feed->Addresses), strides = T.Load(feed->Strides), bits = T.Load(feed->BlockBits);
        for (; steps > 0; steps--)
        {
            T.LoadBlocks((byte**)feed->Addresses, out var low, out var high);
            addresses += strides;
            T.Store(addresses, feed->Addresses);
            Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, s1, s2, s3, s4, mask);
            Split(low, high, mask, out var m0, out var m1, out var m2, out var m3, out var m4);
            h0 += m0;
            h1 += m1;
            h2 += m2;
            h3 += m3;
            h4 += m4 | bits;
        }
        (sum->Limb0, sum->Limb1, sum->Limb2, sum->Limb3, sum->Limb4) = (h0, h1, h2, h3, h4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(Element* product, Element* factor)
    {
        T h0 = product->Limb0, h1 = product->Limb1, h2 = product->Limb2, h3 = product->Limb3, h4 = product->Limb4;
        T r0 = factor->Limb0, r1 = factor->Limb1, r2 = factor->Limb2, r3 = factor->Limb3, r4 = factor->Limb4;
        Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, Five(r1), Five(r2), Five(r3), Five(r4), T.Create(LimbMask));
        (product->Limb0, product->Limb1, product->Limb2, product->Limb3, product->Limb4) = (h0, h1, h2, h3, h4);
    }

    /// <summary>
    /// h r modulo 2^130 - 5, where s is 5 r: what goes beyond 2^130 counts five times (2^130 = 5). For limbs of h below 2^28 and of
    /// r below 2^27 the sums stay below 2^60; the limbs that come out are below 2^26 + 2^10.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        ref T h0, ref T h1, ref T h2, ref T h3, ref T h4, T r0, T r1, T r2, T r3, T r4, T s1, T s2, T s3, T s4, T mask)
    {
        var d0 = (h0 * r0) + (h1 * s4) + (h2 * s3) + (h3 * s2) + (h4 * s1);
        var d1 = (h0 * r1) + (h1 * r0) + (h2 * s4) + (h3 * s3) + (h4 * s2);
        var d2 = (h0 * r2) + (h1 * r1) + (h2 * r0) + (h3 * s4) + (h4 * s3);
        var d3 = (h0 * r3) + (h1 * r2) + (h2 * r1) + (h3 * r0) + (h4 * s4);
        var d4 = (h0 * r4) + (h1 * r3) + (h2 * r2) + (h3 * r1) + (h4 * r0);

        // Two chains of carries at a time, which do not wait for each other.
        d1 += d0 >>> LimbBits;
        d4 += d3 >>> LimbBits;
        d2 += d1 >>> LimbBits;
        var d5 = (d0 & mask) + Five(d4 >>> LimbBits);
        d3 = (d3 & mask) + (d2 >>> LimbBits);
        h0 = d5 & mask;
        h1 = (d1 & mask) + (d5 >>> LimbBits);
        h2 = d2 & mask;
        h3 = d3 & mask;
        h4 = (d4 & mask) + (d3 >>> LimbBits);
    }

    // Blocks as limbs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(T low, T high, T mask, out T m0, out T m1, out T m2, out T m3, out T m4)
    {
        m0 = low & mask;
        m1 = (low >>> 26) & mask;
        m2 = ((low >>> 52) | (high << 12)) & mask;
        m3 = (high >>> 14) & mask;
        m4 = high >>> 40;
    }

    // Above 32 bits too, where a multiplication would not do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Five(T limb) => limb + (limb << 2);

    /// <summary>Adds a text's lanes up, reduces the sum to below 2^130 - 5, and adds s (RFC 8439, 2.5.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(ulong* limbs, int lanes, uint* s, uint* tag)
    {
        ulong h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0;
        for (var lane = 0; lane < lanes; lane++, limbs++)
        {
            h0 += limbs[0];
            h1 += limbs[T.Count];
            h2 += limbs[2 * T.Count];
            h3 += limbs[3 * T.Count];
            h4 += limbs[4 * T.Count];
        }
        // The first round leaves a carry of at most one for the second.
        for (var round = 0; round < 2; round++)
        {
            Carry(ref h0, ref h1);
            Carry(ref h1, ref h2);
            Carry(ref h2, ref h3);
            Carry(ref h3, ref h4);
            h0 += (h4 >> LimbBits) * 5;
            h4 &= LimbMask;
        }
        Carry(ref h0, ref h1);

        // h - (2^130 - 5), taken when it is not negative.
        ulong g0 = h0 + 5, g1 = h1, g2 = h2, g3 = h3, g4 = h4;
        Carry(ref g0, ref g1);
        Carry(ref g1, ref g2);
        Carry(ref g2, ref g3);
        Carry(ref g3, ref g4);
        g4 -= 1UL << LimbBits;
        var negative = 0 - (g4 >> 63);
        h0 ^= (h0 ^ g0) & ~negative;
        h1 ^= (h1 ^ g1) & ~negative;
        h2 ^= (h2 ^ g2) & ~negative;
        h3 ^= (h3 ^ g3) & ~negative;
        h4 ^= (h4 ^ g4) & ~negative;

        // Modulo 2^128, in words of 32 bits.
        var word = (uint)(h0 | (h1 << 26)) + (ulong)s[0];
        tag[0] = (uint)word;
        word = (word >> 32) + (uint)((h1 >> 6) | (h2 << 20)) + s[1];
        tag[1] = (uint)word;
        word = (word >> 32) + (uint)((h2 >> 12) | (h3 << 14)) + s[2];
        tag[2] = (uint)word;
        word = (word >> 32) + (uint)((h3 >> 18) | (h4 << 8)) + s[3];
        tag[3] = (uint)word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(ref ulong limb, ref ulong next)
    {
        next += limb >> LimbBits;
        limb &= LimbMask;
    }

    private static void Wipe(Element* element) => CryptographicOperations.ZeroMemory(new Span<byte>(element, sizeof(Element)));

    /// <summary>A number a lane.</summary>
    private struct Element
    {
        public T Limb0, Limb1, Limb2, Limb3, Limb4;
    }
}
