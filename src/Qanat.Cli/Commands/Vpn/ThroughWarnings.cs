using Qanat.Vpn;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>Warns of what peers send through the tunnel and should not, or cannot, a line each.</summary>
internal static class ThroughWarnings
{
    /// <summary>
    /// Warns of networks with the hub's endpoint in them: a tunnel's datagrams that are sent into the tunnel arrive nowhere. Those of
    /// a default route are no such networks, for whoever has one sends the datagrams past it (by a mark, as wg-quick does).
    /// </summary>
    /// <param name="session">What the command works with.</param>
    /// <param name="network">The network.</param>
    /// <param name="through">What is sent through the tunnel.</param>
    /// <param name="remedy">What to do.</param>
    public static void OfEndpoint(Session session, VpnNetwork network, IReadOnlyList<AllowedIp> through, string remedy)
    {
        if (network.Endpoint.TryGetAddress(out var address, out _) &&
            through.FirstOrDefault(prefix => !prefix.IsDefault && prefix.Contains(new(address, address.IsIPv6 ? 128 : 32)))
                is { IsDefault: false } prefix)
            session.Error.Write(
                $"Peers cannot connect with such a file: the hub's own endpoint {network.Endpoint} is in {prefix}, " +
                $"which it sends through the tunnel; {remedy}.\n");
    }

    /// <summary>Warns of networks of an IP version that the peers have no address of.</summary>
    /// <param name="session">What the command works with.</param>
    /// <param name="network">The network.</param>
    /// <param name="who">Who has none: <c>Peers have</c>.</param>
    /// <param name="prefixes">The networks.</param>
    /// <param name="remedy">What to do, given the number of the IP version.</param>
    public static void OfFamily(
        Session session, VpnNetwork network, string who, IReadOnlyList<AllowedIp> prefixes, Func<int, string> remedy)
    {
        foreach (var prefix in prefixes)
            if (network.Subnets.All(subnet => subnet.Address.IsIPv6 != prefix.Address.IsIPv6))
                session.Error.Write($"{who} no address to reach {prefix} from: {remedy(prefix.Address.IsIPv6 ? 6 : 4)}.\n");
    }
}
