using Qanat.Packets;
using Qanat.Vpn;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn;

/// <summary>How far those reach who come out of a hub's tunnel.</summary>
internal sealed record HubScope
{
    /// <summary>The tunnel's device.</summary>
    public required string Device { get; init; }

    /// <summary>The VPN's own networks: all in them reach each other, and the hub.</summary>
    public required IReadOnlyList<AllowedIp> Subnets { get; init; }

    /// <summary>The networks beyond the hub that they reach besides: none, an intranet's, or everything.</summary>
    public IReadOnlyList<AllowedIp> Networks { get; init; } = [];

    /// <summary>How far those of a network reach.</summary>
    public static HubScope Of(VpnNetwork network) => new()
    {
        Device = network.Name,
        Subnets = network.Subnets,
        Networks = network.Access switch
        {
            VpnAccess.Intranet intranet => intranet.Prefixes,
            VpnAccess.Internet => [new(IpAddress.Any(isIPv6: false), 0), new(IpAddress.Any(isIPv6: true), 0)],
            _ => [],
        },
    };

    /// <summary>The VPN's own networks of a family.</summary>
    public IEnumerable<AllowedIp> SubnetsOf(bool isIPv6) => Subnets.Where(prefix => prefix.Address.IsIPv6 == isIPv6);

    /// <summary>The networks of a family beyond the hub: none where the VPN has no addresses to reach them from.</summary>
    public IEnumerable<AllowedIp> NetworksOf(bool isIPv6) =>
        SubnetsOf(isIPv6).Any() ? Networks.Where(prefix => prefix.Address.IsIPv6 == isIPv6) : [];
}
