using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether the routes into a device are used, or hidden behind others.</summary>
internal sealed class RouteCheck : ICheck
{
    public string Name => "routes";

    public string Healthy => "packets take the routes into tunnels";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var device in machine.Subjects.Where(device => device.Link.IsUp))
            foreach (var route in machine.RoutesInto(device))
                if (route.Table == RouteTableId.Main && Examine(machine, device, route) is { } finding)
                    yield return finding.About(device.Name);
    }

    private static Finding? Examine(Machine machine, Device device, Route route)
    {
        if (machine.Sample(route.Destination) is not { } destination)
            return null;
        var way = machine.Routing.Find(new RouteQuery(destination));
        if (way.Route is not { } taken)
            return Blocked(machine, device, route, way.Error);
        var other = machine.Find(taken.OutputInterface);
        return taken.Type == RouteType.Local || other == device || route.NextHops.Count > 0 ? null
            : Finding.Note("route-hidden",
                    $"{route.Destination} is routed into {device.Name}, but packets for it leave by {other?.Name}",
                    "another route is preferred, by its metric or by a rule")
                .ToDo($"if that is not meant so: ip route get {destination}; ip rule");
    }

    // ENETUNREACH is what a route meets whose device has no carrier, of which other checks tell.
    private static Finding? Blocked(Machine machine, Device device, Route route, int error)
    {
        const string why = "packets for it are dropped before they get there";
        if (machine.Routes.FirstOrDefault(other => other.Refuses() && other.Destination == route.Destination) is { } refusal)
            return Finding.Warning("route-blocked",
                    $"{route.Destination} is routed into {device.Name}, but another route is preferred: {refusal.Describe()}", why)
                .ToDo($"ip route del {refusal.Describe()}");
        return error == Errno.ENETUNREACH ? null
            : Finding.Warning("route-blocked", $"{route.Destination} is routed into {device.Name}, but refused: {Errno.Text(error)}", why)
                .ToDo("ip rule; ip route show table all");
    }
}
