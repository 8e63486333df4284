using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether devices are up, and have the addresses and routes without which nothing uses them.</summary>
internal sealed class DeviceStateCheck : ICheck
{
    public string Name => "device-state";

    public string Healthy => "the devices are up, and have addresses or routes";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var device in machine.Devices)
            if (machine.IsSubject(device) || machine.Asked.Devices.Contains(device.Name))
                foreach (var finding in Examine(machine, device))
                    yield return finding.About(device.Name);
        if (machine.Devices.Any(device => device.IsLoopback && !device.Link.IsUp))
            yield return Finding.Note("loopback-down",
                    "lo is down",
                    "this host does not reach its own addresses")
                .ToDo("ip link set lo up");
    }

    private static IEnumerable<Finding> Examine(Machine machine, Device device)
    {
        if (!device.Link.IsUp && IsMeantToWork(machine, device))
            yield return Finding.Blocks("device-down",
                    $"{device.Name} is down",
                    "it neither sends nor receives, and its routes do not count")
                .ToDo($"ip link set {device.Name} up");
        if (machine.Find(device.Link.Master) is { Link.IsUp: false } master)
            yield return Finding.Blocks("bridge-down",
                    $"{master.Name}, which {device.Name} belongs to, is down",
                    "it passes nothing on")
                .ToDo($"ip link set {master.Name} up");
        if (device.Link.IsUp && IsUnused(machine, device))
            yield return Finding.Warning("no-address",
                    $"{device.Name} has no address, no route leads into it, and it is on no bridge",
                    "no packet of this host ever enters it")
                .ToDo(
                    $"ip address add ADDRESS/LENGTH dev {device.Name}",
                    device.IsEthernet ? $"ip link set {device.Name} master BRIDGE" : $"ip route add NETWORK dev {device.Name}");
        foreach (var finding in device.Addresses.SelectMany(address => Examine(machine, device, address)))
            yield return finding;
    }

    private static IEnumerable<Finding> Examine(Machine machine, Device device, InterfaceAddress address)
    {
        if (address.Flags.HasFlag(AddressFlags.DuplicateDetected))
            yield return Finding.Warning("duplicate-address",
                    $"{address.Address} of {device.Name} is in use elsewhere on its link",
                    "the kernel does not use it")
                .ToDo($"ip address del {address.Address}/{address.PrefixLength} dev {device.Name}, and give it another");
        if (address.Peer is not { } peer || !device.Link.IsUp)
            yield break;
        var route = machine.Routing.Find(new RouteQuery(peer)).Route;
        if (route?.OutputInterface != device.Index)
            yield return Finding.Warning("peer-without-route",
                    $"{peer}, the peer behind {device.Name}, is not routed into it",
                    route is { Type: RouteType.Local } ? "it is an address of this host itself" : "packets for it go elsewhere, or nowhere")
                .ToDo($"ip route add {peer} dev {device.Name}");
    }

    // A device that nobody has done anything with yet may stay down.
    private static bool IsMeantToWork(Machine machine, Device device) =>
        machine.TunnelOf(device.Index) is not null || device.IsAddressed || device.Link.Master != 0 || device.Holders.Count > 0 ||
        machine.Asked.Devices.Contains(device.Name);

    private static bool IsUnused(Machine machine, Device device) =>
        machine.IsSubject(device) && !device.IsAddressed && device.Link.Master == 0 && !machine.RoutesInto(device).Any() &&
        !machine.Devices.Any(other => other.Link.Parent == device.Index && other.Link.ParentNamespace is null);
}
