using Qanat.Packets;

namespace Qanat.Ipsec;

/// <summary>The addresses that begin with the same bits.</summary>
/// <param name="Address">An address with those bits.</param>
/// <param name="Length">Their number, 0 to 32 or 128; 0 is every address of either family.</param>
public readonly record struct IpPrefix(IpAddress Address, int Length)
{
    /// <summary>Bits of an address of the prefix's family.</summary>
    public int MaxLength => Address.IsIPv6 ? 128 : 32;

    /// <summary>True when <paramref name="address"/> begins with the bits (the kernel's addr_match).</summary>
    public bool Contains(IpAddress address)
    {
        if (Length == 0)
            return true;
        if (address.IsIPv6 != Address.IsIPv6)
            return false;
        var differing = address.IsIPv6 ? address.IPv6.Value ^ Address.IPv6.Value : address.IPv4.Value ^ Address.IPv4.Value;
        return differing >> (MaxLength - Length) == 0;
    }

    /// <summary><c>10.0.0.0/8</c>.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
