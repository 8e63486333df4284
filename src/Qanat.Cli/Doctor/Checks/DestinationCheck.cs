using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether packets to the addresses that were asked about leave this host.</summary>
internal sealed class DestinationCheck : ICheck
{
    private const string Refused = "programs here get an error at once";

    public string Name => "destinations";

    public string Healthy => "";

    public IEnumerable<Finding> Examine(Machine machine) => machine.Asked.Destinations.Select(address => Examine(machine, address));

    private static Finding Examine(Machine machine, IPAddress address)
    {
        var way = machine.Routing.Find(new RouteQuery(address));
        if (way.Route is not { } route)
            return NoWay(machine, address, way.Error);
        if (route.Type != RouteType.Unicast || machine.Find(route.OutputInterface) is not { } device)
            return Finding.Ok("destinations", $"{address} is this host's own, or everyone's");
        var hop = route.Gateway ?? address;
        var neighbour = machine.Neighbours.FirstOrDefault(one => one.InterfaceIndex == device.Index && one.Address.Equals(hop));
        return neighbour is { IsValid: false } && (neighbour.State & (NeighbourStates.Failed | NeighbourStates.Incomplete)) != 0
            ? Finding.Blocks("no-neighbour",
                    $"{hop}, the next hop to {address}, does not answer on {device.Name}",
                    "its Ethernet address is not known, so nothing can be sent to it")
                .ToDo($"see that {hop} is up and on the same link: ip neighbour show dev {device.Name}")
            : Finding.Ok("destinations", $"there is a route to {address}");
    }

    private static Finding NoWay(Machine machine, IPAddress address, int error) =>
        machine.RefusalOf(address) is { } refusal && error != Errno.ENETUNREACH
            ? Finding.Blocks("route-refused", $"a route refuses packets to {address}: {refusal.Describe()}", Refused)
                .ToDo($"ip route del {refusal.Describe()}")
            : Finding.Blocks("no-route", $"there is no route to {address}: {Errno.Text(error)}", Refused)
                .ToDo($"ip route add {address} dev DEV", "ip route add default via GATEWAY");
}
