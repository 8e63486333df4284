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
/// addrconf_sit_config, addrconf_gre_config, add_v4_addrs, __ipv6_isatap_ifid). A TUN has no link-layer address that would tell
/// the kernel that end, so that it makes none of them for ours.
/// </summary>
internal static class LinkLocalAddresses
{
    private const byte LinkLocalLength = 64, CompatibleLength = 96;
    private const ulong LinkLocalPrefix = 0xFE80UL << 48;
    private const uint Isatap = 0x5EFE, UniversalBit = 0x0200_0000;

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
            return local.IsAny ? [] : [new(WithIdentifier(InterfaceIdentifier(local)), LinkLocalLength)];
        IEnumerable<HostAddress> ends = local.IsAny ? host.Value.Where(end => !end.IsHost || !pointToPoint) : [new(local, IsHost: false)];
        return parameters.Mode == TunnelMode.Sit && !pointToPoint
            ? [.. ends.Select(end => new DeviceAddress(new(end.Address.Value), CompatibleLength))]
            : [.. ends.Select(end => new DeviceAddress(WithIdentifier(end.Address.Value), LinkLocalLength))];
    }

    private static IPv6Address WithIdentifier(ulong identifier) => new(new UInt128(LinkLocalPrefix, identifier));

    // RFC 5214, 6.1: the universal bit tells an address that is unique in the world.
    private static ulong InterfaceIdentifier(IPv4Address address) =>
        ((ulong)(Isatap | (IsUnique(address.Value) ? UniversalBit : 0)) << 32) | address.Value;

    private static bool IsUnique(uint address) => !(
        Within(address, 0x00000000, 8) || Within(address, 0x0A000000, 8) || Within(address, 0x7F000000, 8) ||
        Within(address, 0xA9FE0000, 16) || Within(address, 0xAC100000, 12) || Within(address, 0xC0000200, 24) ||
        Within(address, 0xC0586300, 24) || Within(address, 0xC0A80000, 16) || Within(address, 0xC6120000, 15) ||
        Within(address, 0xE0000000, 4) || address == uint.MaxValue);

    private static bool Within(uint address, uint network, int length) => (address ^ network) >> (32 - length) == 0;
}
