using System.Net;
using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether a tunnel's outer packets find their way: from an address of ours, to somewhere else, and not into the tunnel.</summary>
internal sealed class FarEndCheck : ICheck
{
    private const string Nothing = "nothing that enters the tunnel leaves this host";

    public string Name => "far-end";

    public string Healthy => "every tunnel has a way to its far end";

    public IEnumerable<Finding> Examine(Machine machine) =>
        machine.Tunnels.SelectMany(tunnel => Examine(machine, tunnel).Select(finding => finding.About(tunnel.Name)));

    private static IEnumerable<Finding> Examine(Machine machine, Tunnel tunnel)
    {
        if (tunnel.Local is { } local && !machine.IsOurs(local))
            yield return Finding.Blocks("local-not-here",
                    $"{tunnel.Name} has the local address {local}, which no device here has",
                    "what the far end sends there does not arrive, and what we send is not taken for ours")
                .ToDo($"ip address add {Prefixes.Alone(local)} dev DEV", $"qanat tunnel change {tunnel.Name} local ADDRESS");
        if (tunnel.Remote is not { } remote)
            yield break;
        var way = machine.WayOf(tunnel);
        if (way.Route is not { } route)
            yield return NoWay(machine, tunnel, remote, way.Error);
        else if (route.Type == RouteType.Local)
            yield return Finding.Blocks("remote-is-here",
                    $"{tunnel.Name} has the far end {remote}, which is this host itself",
                    "its packets come back at once")
                .ToDo($"qanat tunnel change {tunnel.Name} remote ADDRESS");
        else if (Loop(machine, tunnel) is { } loop)
            yield return Finding.Blocks("route-loop",
                    $"the route to {remote}, the far end of {tunnel.Name}, leads {loop}",
                    "each outer packet would be wrapped again, so all are dropped")
                .ToDo($"ip route replace {Through(machine, remote)}");
        else if (route.Table is not (RouteTableId.Main or RouteTableId.Default or RouteTableId.Unspecified or RouteTableId.Local))
            yield return Finding.Note("policy-route",
                    $"a rule sends the outer packets of {tunnel.Name} by table {(uint)route.Table}",
                    $"they leave by {machine.Find(route.OutputInterface)?.Name}, whatever the main table says")
                .ToDo($"if that is not meant so: ip rule; ip route show table {(uint)route.Table}");
    }

    private static Finding NoWay(Machine machine, Tunnel tunnel, IPAddress remote, int error)
    {
        if (machine.RefusalOf(remote) is { } refusal && error is not (Errno.ENETUNREACH or Errno.ENODEV))
            return Finding.Blocks("route-refused",
                    $"a route refuses packets to {remote}, the far end of {tunnel.Name}: {refusal.Describe()}",
                    Nothing)
                .ToDo($"ip route del {refusal.Describe()}");
        var bound = machine.Find(tunnel.BoundTo);
        if (bound is { Link.IsUp: false })
            return Finding.Blocks("underlay-down", $"{bound.Name}, which {tunnel.Name} is bound to, is down", Nothing)
                .ToDo($"ip link set {bound.Name} up");
        var reason = error is 0 or Errno.ENETUNREACH ? "" : $": {Errno.Text(error)}";
        return Finding.Blocks("no-route", $"there is no route to {remote}, the far end of {tunnel.Name}{reason}", Nothing)
            .ToDo($"ip route add {Through(machine, remote)}");
    }

    // Follows the tunnels below. A loop further down that does not come back here is another tunnel's.
    private static string? Loop(Machine machine, Tunnel tunnel)
    {
        HashSet<int> passed = [];
        for (var at = tunnel; passed.Add(at.Index);)
        {
            if (machine.UnderlayOf(at) is not { } device || machine.TunnelOf(device.Index) is not { } below)
                return null;
            if (below.Index == tunnel.Index)
                return at == tunnel ? "into that tunnel itself" : $"into another tunnel, and from {at.Name} back into {tunnel.Name}";
            at = below;
        }
        return null;
    }

    // The rest of "ip route add": by the device that the address is a neighbour on, or by a gateway.
    private static string Through(Machine machine, IPAddress address)
    {
        Device[] wires = [.. machine.Wires.Where(device => device.IsAddressed)];
        if (Array.Find(wires, device => device.Addresses.Any(own => Prefixes.Of(own).Contains(address))) is { } neighbour)
            return $"{address} dev {neighbour.Name}";
        return wires is [var first, ..] && address.AddressFamily == AddressFamily.InterNetwork
            ? $"{address} via GATEWAY dev {first.Name}"
            : $"{address} via GATEWAY";
    }
}
