using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// ISATAP's addresses (RFC 5214, 6.1), whose interface identifier says where they are in the IPv4 network:
/// <code>
/// |     prefix (64 bits)     | 0000:5efe or 0200:5efe |     IPv4 address     |
/// </code>
/// </summary>
public static class IsatapAddress
{
    private const uint Identifier = 0x5EFE, UniversalBit = 0x0200_0000;

    // Not unique in the world, by the kernel's list (net/ipv6/addrconf.c: __ipv6_isatap_ifid).
    private static readonly (uint Prefix, int Length)[] s_local =
    [
        (0x00000000, 8), (0x0A000000, 8), (0x7F000000, 8), (0xA9FE0000, 16), (0xAC100000, 12), (0xC0000200, 24),
        (0xC0586300, 24), (0xC0A80000, 16), (0xC6120000, 15), (0xE0000000, 4), (0xFFFFFFFF, 32),
    ];

    /// <summary>The IPv4 address inside <paramref name="address"/>. False when that is not a unicast address of ISATAP.</summary>
    public static bool TryGetEmbedded(IPv6Address address, out IPv4Address embedded)
    {
        embedded = new((uint)address.Value);
        return ((uint)(address.Value >> 32) & ~UniversalBit) == Identifier && !address.IsMulticast;
    }

    /// <summary>The link-local address of the interface at <paramref name="address"/>: fe80::5efe:192.0.2.1.</summary>
    public static IPv6Address LinkLocal(IPv4Address address)
    {
        var identifier = Identifier | (IsUnique(address.Value) ? UniversalBit : 0);
        return new(new UInt128(0xFE80UL << 48, (ulong)identifier << 32 | address.Value));
    }

    private static bool IsUnique(uint address)
    {
        foreach (var (prefix, length) in s_local)
            if ((address ^ prefix) >> (32 - length) == 0)
                return false;
        return true;
    }
}
