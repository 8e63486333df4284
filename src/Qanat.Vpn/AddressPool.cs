using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>Which address of a subnet is whose.</summary>
internal static class AddressPool
{
    /// <summary>The hub's address: the first after the subnet's own.</summary>
    public static IpAddress HubOf(AllowedIp subnet) => At(subnet, UInt128.One);

    /// <summary>How many peers a subnet has addresses for: all but its own, the hub's and, of IPv4, the broadcast address.</summary>
    public static UInt128 Capacity(AllowedIp subnet)
    {
        var bits = (subnet.Address.IsIPv6 ? 128 : 32) - subnet.Length;
        var reserved = subnet.Address.IsIPv6 ? UInt128.One + 1 : 3;
        var addresses = bits == 128 ? UInt128.MaxValue : UInt128.One << bits;
        return addresses > reserved ? addresses - reserved : 0;
    }

    /// <summary>The lowest address for a peer that nobody has; null when all are taken.</summary>
    public static IpAddress? LowestFree(AllowedIp subnet, IReadOnlySet<IpAddress> taken)
    {
        var last = Capacity(subnet) + 1;
        for (UInt128 number = 2; number <= last; number++)
            if (At(subnet, number) is var address && !taken.Contains(address))
                return address;
        return null;
    }

    /// <summary>True for an address that a peer may have.</summary>
    public static bool IsForPeers(AllowedIp subnet, IpAddress address)
    {
        var number = Number(address) - Number(subnet.Address);
        return address.IsIPv6 == subnet.Address.IsIPv6 && number >= 2 && number <= Capacity(subnet) + 1;
    }

    private static UInt128 Number(IpAddress address) => address.IsIPv6 ? address.IPv6.Value : address.IPv4.Value;

    private static IpAddress At(AllowedIp subnet, UInt128 number) => subnet.Address.IsIPv6
        ? new IPv6Address(subnet.Address.IPv6.Value + number)
        : new IPv4Address(subnet.Address.IPv4.Value + (uint)number);
}
