using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Qanat.Packets;

/// <summary>
/// The Internet checksum (RFC 1071): the complement of the ones' complement sum of 16-bit big-endian words, an odd last
/// byte counting as the high half of a word.
/// </summary>
/// <remarks>
/// A <em>partial sum</em> is a <see cref="uint"/> in host order. Every method here returns one that is folded
/// (at most 0xFFFF), so that 65,537 of them may be added with plain <c>+</c> before <see cref="Fold"/> is due. A block that
/// stands at an odd offset of the whole counts through <see cref="AtOddOffset"/>. Nothing here allocates; only lengths that
/// do not fit together throw.
/// </remarks>
public static partial class InternetChecksum
{
    /// <summary>The checksum of <paramref name="data"/>, to be stored big-endian. Over data that holds a right checksum it is 0.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => Finish(Sum(data));

    /// <summary>The partial sum of <paramref name="data"/>, which begins at an even offset of the whole.</summary>
    public static uint Sum(ReadOnlySpan<byte> data)
    {
        ref var source = ref MemoryMarshal.GetReference(data);
        return ToNetworkOrder(SumNative<SumAlone>(ref source, ref source, (nuint)data.Length));
    }

    /// <summary>Copies <paramref name="source"/> to the start of <paramref name="destination"/> and sums it, in one pass.</summary>
    /// <remarks>The two may be the same place, but must not overlap otherwise.</remarks>
    /// <returns>The partial sum of the bytes copied, as of <see cref="Sum"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <paramref name="source"/>.</exception>
    public static uint CopyAndSum(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
            ThrowTooShort();
        return ToNetworkOrder(SumNative<SumAndCopy>(
            ref MemoryMarshal.GetReference(source), ref MemoryMarshal.GetReference(destination), (nuint)source.Length));
    }

    /// <summary>Folds a partial sum into 16 bits, the carries added in (not complemented).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>The checksum that a partial sum of the whole gives, to be stored big-endian: folded and complemented.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Finish(uint sum) => (ushort)~Fold(sum);

    /// <summary>What takes a partial sum away again when it is added (RFC 1624 section 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Negate(uint sum) => (ushort)~Fold(sum);

    /// <summary>True when a partial sum over everything that a checksum covers, itself included, says that it is right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValid(uint sum) => Fold(sum) == 0xFFFF;

    /// <summary>
    /// What the partial sum of a block counts for when the block begins at an odd offset: its bytes swapped (RFC 1071 section
    /// 2 (B)).
    /// </summary>
    public static uint AtOddOffset(uint sum) => BinaryPrimitives.ReverseEndianness(Fold(sum));

    /// <summary>The partial sum of the pseudo-header of TCP and UDP over IPv4 (RFC 9293 section 3.1, RFC 768).</summary>
    /// <param name="source">The IP source address.</param>
    /// <param name="destination">The IP destination address.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    public static uint PseudoHeader(IPv4Address source, IPv4Address destination, IpProtocol protocol, int length)
        => FoldLong((ulong)source.Value + destination.Value + (uint)protocol + (uint)length);

    /// <summary>The partial sum of the pseudo-header of TCP, UDP and ICMPv6 over IPv6 (RFC 8200 section 8.1).</summary>
    /// <param name="source">The IP source address.</param>
    /// <param name="destination">The final IP destination address.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    public static uint PseudoHeader(IPv6Address source, IPv6Address destination, IpProtocol protocol, int length)
        => FoldLong(Halves(source.Value) + Halves(destination.Value) + (uint)protocol + (uint)length);

    /// <summary>The checksum after a 16-bit field that it covers has changed (RFC 1624 equation 3), all in host order.</summary>
    /// <remarks>
    /// Exactly what summing anew would give, unless the covered bytes are all zero, when it may say 0x0000 for 0xFFFF: both
    /// verify. A UDP checksum of 0 stands for none and is not to be updated; one that becomes 0 is sent as 0xFFFF.
    /// </remarks>
    /// <param name="checksum">The checksum until now, as in the header.</param>
    /// <param name="before">The field's old value.</param>
    /// <param name="after">The field's new value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Update(ushort checksum, ushort before, ushort after)
        => Finish((uint)(ushort)~checksum + (ushort)~before + after);

    /// <summary>The checksum after a 32-bit field at an even offset has changed, as <see cref="Update(ushort, ushort, ushort)"/>.</summary>
    /// <param name="checksum">The checksum until now, as in the header.</param>
    /// <param name="before">The field's old value.</param>
    /// <param name="after">The field's new value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Update(ushort checksum, uint before, uint after)
        => Finish((uint)(ushort)~checksum + (ushort)(~before >> 16) + (ushort)~before + (after >> 16) + (ushort)after);

    private static ulong Halves(UInt128 value)
    {
        var (upper, lower) = ((ulong)(value >> 64), (ulong)value);
        return (upper >> 32) + (uint)upper + (lower >> 32) + (uint)lower;
    }

    // For sums below 2^48.
    private static uint FoldLong(ulong sum) => Fold((uint)((sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32)));

    private static void ThrowTooShort() => throw new ArgumentException("The destination is shorter than the source.");
}
