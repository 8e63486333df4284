using System.Globalization;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// What may be done to the 6rd prefixes and to the potential routers of a sit tunnel (net/ipv6/sit.c: ipip6_tunnel_update_6rd,
/// ipip6_tunnel_add_prl, ipip6_tunnel_del_prl).
/// </summary>
internal static class SitRules
{
    private const int IPv4Bits = 32, IPv6Bits = 128, MaxDelegated = 64;

    /// <summary>Checks that the tunnel has such things.</summary>
    /// <exception cref="LinuxException">EINVAL: it is of another mode; or, of routers, the fallback device.</exception>
    public static void CheckMode(string operation, KeptTunnel kept, bool forRouters)
    {
        var facts = ModeFacts.Of(kept.Parameters.Mode);
        if (facts.Table != TunnelTableKind.Sit)
            throw new LinuxException(operation, Errno.EINVAL, $"{facts.Word} has no such thing; sit and isatap have");
        if (forRouters && kept.IsFallback)
            throw new LinuxException(operation, Errno.EINVAL, "the fallback device has no potential routers");
    }

    /// <summary>Sets the 6rd prefixes.</summary>
    /// <exception cref="LinuxException">
    /// EINVAL: not a prefix, bits set behind it, or more than 64 bits together with what is left of an IPv4 address.
    /// </exception>
    public static SitParameters Set6rd(string operation, SitParameters sit, string prefix, string relayPrefix)
    {
        if (!TrySplit(prefix, IPv6Bits, out var text, out var length) || !IPv6Address.TryParse(text, out var address))
            throw new LinuxException(operation, Errno.EINVAL,
                $"6rd prefix: ADDRESS/LENGTH of IPv6 is expected rather than \"{prefix}\"");
        if (!TrySplit(relayPrefix, IPv4Bits, out text, out var relayLength) || !IPv4Address.TryParse(text, out var relay))
            throw new LinuxException(operation, Errno.EINVAL,
                $"6rd relay prefix: ADDRESS/LENGTH of IPv4 is expected rather than \"{relayPrefix}\"");
        if (length + IPv4Bits - relayLength > MaxDelegated)
            throw new LinuxException(operation, Errno.EINVAL,
                $"6rd: {length} bits of the prefix and {IPv4Bits - relayLength} of an IPv4 address are more than {MaxDelegated}");
        if (length < IPv6Bits && address.Value << length != UInt128.Zero)
            throw new LinuxException(operation, Errno.EINVAL, $"6rd prefix: {prefix} has bits set behind its length");
        if (relayLength < IPv4Bits && relay.Value << relayLength != 0)
            throw new LinuxException(operation, Errno.EINVAL, $"6rd relay prefix: {relayPrefix} has bits set behind its length");
        return sit with { Prefix = address, PrefixLength = length, RelayPrefix = relay, RelayPrefixLength = relayLength };
    }

    /// <summary>Sets 6to4's prefix again.</summary>
    public static SitParameters Reset6rd(SitParameters sit) => SitParameters.Default with { Routers = sit.Routers };

    /// <summary>Adds a potential router.</summary>
    /// <exception cref="LinuxException">EINVAL: any, or not an address. EEXIST: it is there, as a default one or not.</exception>
    public static SitParameters AddRouter(string operation, SitParameters sit, RouterSpec router)
    {
        var address = Address(operation, router);
        if (address.IsAny)
            throw new LinuxException(operation, Errno.EINVAL, "a potential router needs an address");
        if (sit.Routers.Any(known => known.Address == address))
            throw new LinuxException(operation, Errno.EEXIST, $"{address} is a potential router already");
        return sit with { Routers = [.. sit.Routers, new(address, router.Default)] };
    }

    /// <summary>Takes a potential router away; with the address <c>any</c> all of them.</summary>
    /// <exception cref="LinuxException">EINVAL: not an address. ENXIO: there is no such router.</exception>
    public static SitParameters RemoveRouter(string operation, SitParameters sit, RouterSpec router)
    {
        var address = Address(operation, router);
        if (address.IsAny)
            return sit with { Routers = [] };
        return sit.Routers.Any(known => known.Address == address)
            ? sit with { Routers = [.. sit.Routers.Where(known => known.Address != address)] }
            : throw new LinuxException(operation, Errno.ENXIO, $"{address} is no potential router of it");
    }

    private static IPv4Address Address(string operation, RouterSpec router)
    {
        var address = IPv4Address.Any;
        return router.Address == "any" || IPv4Address.TryParse(router.Address, out address)
            ? address
            : throw new LinuxException(operation, Errno.EINVAL, $"router: an IPv4 address is expected rather than \"{router.Address}\"");
    }

    private static bool TrySplit(string prefix, int bits, out string address, out int length)
    {
        var slash = prefix.IndexOf('/', StringComparison.Ordinal);
        address = slash < 0 ? prefix : prefix[..slash];
        length = bits;
        return slash < 0 ||
            (int.TryParse(prefix.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= bits);
    }
}
