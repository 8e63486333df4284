using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;
using Qanat.Packets;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether what fits into a device also fits through what is below it.</summary>
internal sealed class MtuCheck : ICheck
{
    private const string Large = "small packets pass, and large ones vanish or are fragmented";
    private const int MinIPv4 = 576; // what every host takes: RFC 791
    private const int Step = 80;

    public string Name => "mtu";

    public string Healthy => "what fits into a device fits through the path below it";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var device in machine.Subjects)
        {
            var findings = machine.TunnelOf(device.Index) is { } tunnel ? OfTunnel(machine, device, tunnel) : OfProgram(machine, device);
            foreach (var finding in findings.Concat(OfAny(machine, device)))
                yield return finding.About(device.Name);
        }

        if (machine.Sysctls.Number("net/ipv4/ip_no_pmtu_disc") is > 0 && machine.Tunnels.Any())
            yield return Finding.Note("mtu-discovery-off",
                    "path MTU discovery is off (net.ipv4.ip_no_pmtu_disc)",
                    "routers' reports of a smaller MTU are not believed")
                .ToDo("sysctl -w net.ipv4.ip_no_pmtu_disc=0");
    }

    private static IEnumerable<Finding> OfTunnel(Machine machine, Device device, Tunnel tunnel)
    {
        var mtu = device.Link.Mtu;
        if (machine.WayOf(tunnel).Route is { Type: RouteType.Unicast } route && machine.MtuOf(route) is > 0 and var path &&
            mtu > path - tunnel.Overhead)
            yield return Finding.Warning("mtu-too-large",
                    $"{device.Name} takes {mtu} bytes, and the path to {tunnel.Remote} carries {path - tunnel.Overhead}: " +
                        $"{path}{(route.Expires is null ? "" : " (ICMP has told)")} less {tunnel.Overhead} for outer headers",
                    Large)
                .ToDo($"ip link set {device.Name} mtu {path - tunnel.Overhead}");
        if (tunnel.Drops.GetValueOrDefault("packet-too-big") is > 0 and var dropped)
            yield return Finding.Note("mtu-drops",
                    $"{device.Name} has dropped {dropped} packets that were too large for the path",
                    Large)
                .ToDo($"ip link set {device.Name} mtu {Math.Max(mtu - Step, MinIPv4)}", "see whether it goes on: qanat -s tunnel show");
    }

    private static IEnumerable<Finding> OfProgram(Machine machine, Device device)
    {
        if (device.Link.IsUp && Uplink(machine) is { } uplink && device.Link.Mtu > uplink.Link.Mtu)
            yield return Finding.Warning("mtu-above-uplink",
                    $"{device.Name} takes {device.Link.Mtu} bytes, and {uplink.Name}, by which packets leave this host, {uplink.Link.Mtu}",
                    $"{Large}, as soon as they go further than this host")
                .ToDo($"ip link set {device.Name} mtu {uplink.Link.Mtu}, less what the program behind it adds");
    }

    private static IEnumerable<Finding> OfAny(Machine machine, Device device)
    {
        var mtu = device.Link.Mtu;
        if (device.Link.Master != 0 && machine.Devices.Where(other => other.Link.Master == device.Link.Master)
            .MaxBy(other => other.Link.Mtu) is { } widest && widest.Link.Mtu > mtu)
            yield return Finding.Warning("mtu-of-bridge",
                    $"{device.Name} takes {mtu} bytes, and {widest.Name} on the same bridge {widest.Link.Mtu}",
                    $"larger frames from there do not reach {device.Name}, and nobody is told")
                .ToDo(
                    $"ip link set {device.Name} mtu {widest.Link.Mtu}, and the same in the machine behind it",
                    $"ip link set {widest.Name} mtu {mtu}");
        if (mtu < IPv6Header.MinimumMtu && device.Configured(AddressFamily.InterNetworkV6).Any())
            yield return Finding.Warning("mtu-below-ipv6",
                    $"{device.Name} takes {mtu} bytes, and IPv6 needs {IPv6Header.MinimumMtu}",
                    "IPv6 does not work on it")
                .ToDo($"ip link set {device.Name} mtu {IPv6Header.MinimumMtu}");
    }

    // The device of the best default route, or the only one with an address, if it is no tunnel itself.
    private static Device? Uplink(Machine machine)
    {
        Device[] wires = [.. machine.Wires.Where(device => device.Link.IsUp && device.IsAddressed)];
        var route = machine.Routes.Where(route => route.Destination.PrefixLength == 0 && route.Type == RouteType.Unicast)
            .MinBy(route => route.Metric);
        return route is not null ? Array.Find(wires, device => device.Index == route.OutputInterface) : wires is [var only] ? only : null;
    }
}
