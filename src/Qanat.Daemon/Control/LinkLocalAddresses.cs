using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>An IPv6 address that a device is to have.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of its network.</param>
internal readonly record struct DeviceAddress(IPv6Address Address, byte PrefixLength);

/// <summary>An IPv4 address of this host.</summary>
/// <param name="Address">The address.</param>
/// <param name="IsHost">True when it is this host's alone, as 127.0.0.1 is.</param>
internal readonly record struct HostAddress(IPv4Address Address, bool IsHost);

/// <summary>
/// The IPv6 addresses that the kernel makes from the IPv4 end of a tunnel when its device comes up (net/ipv6/addrconf.c:
/// addrconf_sit_config, addrconf_gre_config, add_v4_addrs). A TUN has no link-layer address that would tell
/// the kernel that end, so that it makes none of them for ours.
/// </summary>
internal static class LinkLocalAddresses
{
    private const byte LinkLocalLength = 64, CompatibleLength = 96;
    private const ulong LinkLocalPrefix = 0xFE80UL << 48;

    /// <summary>True when the mode's device gets such addresses.</summary>
    public static bool Has(TunnelMode mode) => ModeFacts.Of(mode) is { OverIPv6: false, IsTap: false } && mode != TunnelMode.Minimal;

    /// <summary>The addresses of a tunnel's device.</summary>
    /// <param name="parameters">What was set.</param>
    /// <param name="host">This host's IPv4 addresses on devices that are up; asked where the tunnel has no end of its own.</param>
    public static IReadOnlyList<DeviceAddress> Of(TunnelParameters parameters, Lazy<IReadOnlyList<HostAddress>> host)
    {
        var (local, pointToPoint) = (parameters.Local.IPv4, !parameters.Remote.IsAny);
        if (!Has(parameters.Mode))
            return [];
        if (parameters.Mode is TunnelMode.Isatap or TunnelMode.Ipip or TunnelMode.Vti ||
            (parameters.Mode == TunnelMode.Gre && !local.IsAny))
            return local.IsAny ? [] : [new(IsatapAddress.LinkLocal(local), LinkLocalLength)];
        IEnumerable<HostAddress> ends = local.IsAny ? host.Value.Where(end => !end.IsHost || !pointToPoint) : [new(local, IsHost: false)];
        return parameters.Mode == TunnelMode.Sit && !pointToPoint
            ? [.. ends.Select(end => new DeviceAddress(new(end.Address.Value), CompatibleLength))]
            : [.. ends.Select(end => new DeviceAddress(WithAddress(end.Address), LinkLocalLength))];
    }

    private static IPv6Address WithAddress(IPv4Address address) => new(new UInt128(LinkLocalPrefix, address.Value));
}
