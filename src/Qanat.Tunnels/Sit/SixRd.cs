using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// 6rd's mapping of addresses (RFC 5969, 4), of which 6to4 (RFC 3056, 2) is the case of 2002::/16 and whole IPv4 addresses:
/// <code>
/// |  6rd prefix   | IPv4 address without the relay prefix |  subnet  |  interface identifier  |
/// | PrefixLength  |        32 - RelayPrefixLength         |                                   |
/// </code>
/// </summary>
internal static class SixRd
{
    /// <summary>The IPv4 address inside <paramref name="address"/> (sit.c: check_6rd). False when that is not of the domain.</summary>
    public static bool TryGetEmbedded(SitParameters domain, IPv6Address address, out IPv4Address embedded)
    {
        embedded = default;
        if (!SharesPrefix(address, domain.Prefix, domain.PrefixLength))
            return false;
        var suffix = (uint)(address.Value << domain.PrefixLength >> 96);
        embedded = new(domain.RelayPrefix.Value | (domain.RelayPrefixLength < 32 ? suffix >> domain.RelayPrefixLength : 0));
        return true;
    }

    /// <summary>Bits of the prefix that a site of the domain has for itself: those of 6rd and of its IPv4 address.</summary>
    public static int SitePrefixLength(SitParameters domain) => domain.PrefixLength + 32 - domain.RelayPrefixLength;

    /// <summary>True when the first <paramref name="length"/> bits of both are the same.</summary>
    public static bool SharesPrefix(IPv6Address one, IPv6Address other, int length) =>
        length == 0 || (one.Value ^ other.Value) >> (128 - length) == 0;
}
