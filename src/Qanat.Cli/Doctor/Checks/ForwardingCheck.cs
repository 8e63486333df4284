using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>
/// Whether packets that come out of a device may go on, and others into it. A host that only talks for itself needs no
/// forwarding; so this is a note, unless the kernel has counted packets that it did not send on.
/// </summary>
internal sealed class ForwardingCheck : ICheck
{
    public string Name => "forwarding";

    public string Healthy => "packets that are routed through a tunnel may be sent on";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        if (!machine.Wires.Any(device => device.Link.IsUp))
            yield break; // nowhere to send packets on to
        foreach (var device in machine.Subjects.Where(device => device.Link.IsUp && device.Link.Master == 0))
        {
            if (Leads(machine, device, AddressFamily.InterNetwork) is { } ipv4 && Closed(machine, device) is { } setting)
                yield return Describe(device, ipv4, "IPv4", $"{setting}=1", machine.Counters.AddressErrors);
            if (machine.Sysctls is { HasIPv6: true, ForwardsIPv6: false } &&
                Leads(machine, device, AddressFamily.InterNetworkV6) is { } ipv6)
                yield return Describe(device, ipv6, "IPv6", "net.ipv6.conf.all.forwarding=1", 0);
        }
    }

    // A route that somebody added: one of a device's own address leads to the neighbour alone, who needs no router. Behind a TAP
    // there are machines, whose router this host may be.
    private static Route? Leads(Machine machine, Device device, AddressFamily family) =>
        machine.RoutesInto(device, family).FirstOrDefault(route => route.Protocol != RouteProtocol.Kernel ||
            device.Link.Tun is { Tap: true } && route.Scope != RouteScope.Host && device.Configured(family).Any());

    // Packets are sent on when the device that they come in by allows it: its setting, or everyone's; null when that is so.
    private static string? Closed(Machine machine, Device device)
    {
        var others = machine.Devices.Where(other => !other.IsLoopback && other.Link.IsUp && other != device).ToArray();
        return machine.Sysctls.ForwardsIPv4(device.Name) ? null
            : Array.Exists(others, other => machine.Sysctls.ForwardsIPv4(other.Name)) ? Sysctls.NameOf("ipv4", device.Name, "forwarding")
            : "net.ipv4.ip_forward";
    }

    private static Finding Describe(Device device, Route route, string family, string setting, long refused)
    {
        var isTap = route.Protocol == RouteProtocol.Kernel;
        var what = isTap
            ? $"{family} forwarding is off, and {device.Name} has the network {route.Destination} behind it"
            : $"{family} forwarding is off, and {route.Destination} is routed into {device.Name}";
        var evidence = refused > 0 ? $"; {refused} came in that were not for it" : "";
        var why = $"this host talks with it, but sends nobody else's packets on{evidence}";
        return new Finding(refused > 0 ? Severity.Warning : Severity.Note, "forwarding-off", what, why)
            .About(device.Name).ToDo($"sysctl -w {setting}, if this host is to be a router");
    }
}
