using System.Numerics;

namespace Qanat.WireGuard;

/// <summary>The bits of an address, the first of them being the highest.</summary>
/// <typeparam name="TSelf">What holds them.</typeparam>
internal interface IPrefixBits<TSelf> where TSelf : struct, IPrefixBits<TSelf>
{
    /// <summary>With how many bits both begin.</summary>
    int CommonWith(TSelf other);

    /// <summary>The four bits behind the first <paramref name="start"/>, a multiple of four; there are four.</summary>
    int Nibble(int start);
}

/// <summary>Those of an IPv4 address.</summary>
internal readonly record struct IPv4Bits(uint Value) : IPrefixBits<IPv4Bits>
{
    public int CommonWith(IPv4Bits other) => BitOperations.LeadingZeroCount(Value ^ other.Value);

    public int Nibble(int start) => (int)(Value >> 28 - start) & 15;
}

/// <summary>Those of an IPv6 address.</summary>
internal readonly record struct IPv6Bits(ulong High, ulong Low) : IPrefixBits<IPv6Bits>
{
    public static IPv6Bits From(UInt128 value) => new((ulong)(value >> 64), (ulong)value);

    public int CommonWith(IPv6Bits other) => High != other.High
        ? BitOperations.LeadingZeroCount(High ^ other.High)
        : 64 + BitOperations.LeadingZeroCount(Low ^ other.Low);

    public int Nibble(int start) => (int)((start < 64 ? High : Low) >> 60 - (start & 63)) & 15;
}
