using System.Net;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>By which devices a host reaches networks, and so hears their answers.</summary>
internal static class Uplinks
{
    /// <summary>The devices' indices.</summary>
    /// <param name="networks">The networks, of one family.</param>
    /// <param name="routes">The host's routes of that family.</param>
    public static IReadOnlySet<int> To(IEnumerable<AllowedIp> networks, IReadOnlyList<Route> routes)
    {
        HashSet<int> devices = [];
        (AllowedIp Prefix, Route Route)[] ways =
            [.. routes.Where(IsWayBeyond).Select(route => (PrefixOf(route.Destination), route))];
        foreach (var network in networks)
        {
            // The way to the whole network, and those to parts of it.
            var nearest = ways.Where(way => way.Prefix.Contains(network)).Select(way => (int)way.Prefix.Length)
                .DefaultIfEmpty(int.MaxValue).Max();
            foreach (var (prefix, route) in ways)
                if (prefix.Contains(network) ? prefix.Length == nearest : network.Contains(prefix))
                    AddDevices(devices, route);
        }
        return devices;
    }

    // What is of one link alone no router passes on (RFC 4291, section 2.5.6).
    private static bool IsWayBeyond(Route route) => route.Type == RouteType.Unicast && !route.Destination.BaseAddress.IsIPv6LinkLocal;

    private static void AddDevices(HashSet<int> devices, Route route)
    {
        if (route.OutputInterface != 0)
            devices.Add(route.OutputInterface);
        devices.UnionWith(route.NextHops.Select(hop => hop.OutputInterface));
    }

    private static AllowedIp PrefixOf(IPNetwork network) => new(IpAddress.From(network.BaseAddress), network.PrefixLength);
}
