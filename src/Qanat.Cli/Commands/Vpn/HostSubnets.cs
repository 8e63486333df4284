using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Vpn;
using Qanat.WireGuard.Configuration;
using AddressFamily = System.Net.Sockets.AddressFamily;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>What devices of this host reach without a gateway: their addresses and on-link routes.</summary>
internal static class HostSubnets
{
    // Shorter prefixes are ways to everything, which a subnet may be an exception of; see VpnText.Subnets.
    private const int LeastIPv4Bits = 8, LeastIPv6Bits = 16;

    /// <summary>Those of all devices of the network namespace that the calling thread is in.</summary>
    /// <exception cref="Linux.LinuxException">The kernel does not tell.</exception>
    public static IReadOnlyList<(string Device, AllowedIp Prefix)> List()
    {
        using var netlink = new RouteNetlink();
        var names = netlink.Links.List().ToDictionary(link => link.Index, link => link.Name);
        var addresses = netlink.Addresses.List().Select(held => (
            held.InterfaceIndex, Prefix(held.Address, held.Peer is null ? held.PrefixLength : held.Address.GetAddressBytes().Length * 8)));
        var routes = ((AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
            .SelectMany(family => netlink.Routes.List(family))
            .Where(route => route is { Type: RouteType.Unicast, Gateway: null, OutputInterface: > 0 })
            .Select(route => (route.OutputInterface, Prefix(route.Destination.BaseAddress, route.Destination.PrefixLength)));
        return
        [
            .. addresses.Concat(routes).Distinct()
                .Where(held => held.Item2.Length >= (held.Item2.Address.IsIPv6 ? LeastIPv6Bits : LeastIPv4Bits))
                .Where(held => names.ContainsKey(held.Item1)).Select(held => (names[held.Item1], held.Item2)),
        ];
    }

    /// <summary>Warns of devices that have something of a network's subnets, a line each. The network's own is none of them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="session">What the command works with.</param>
    /// <param name="known">Devices that the user has heard of already.</param>
    public static void Warn(VpnNetwork network, Session session, params IReadOnlyList<string> known)
    {
        try
        {
            foreach (var held in session.Vpn.HostSubnets().Where(held => network.Subnets.Any(own => Overlap(own, held.Prefix)))
                         .Where(held => held.Device != network.Name && !known.Contains(held.Device)).GroupBy(held => held.Device))
                session.Error.Write(
                    $"The device {held.Key} has {string.Join(", ", held.Select(one => one.Prefix))} too: its hosts and the peers cannot " +
                    $"both be reached from here; take another --subnet, or take that from {held.Key}.\n");
        }
        catch (IOException) // who cannot be asked has nothing to say
        {
        }
    }

    /// <summary>Whether two networks have addresses in common.</summary>
    public static bool Overlap(AllowedIp one, AllowedIp other) => one.Contains(other) || other.Contains(one);

    private static AllowedIp Prefix(System.Net.IPAddress address, int length) => new(IpAddress.From(address), length);
}
