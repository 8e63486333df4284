using System.Net;
using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Where strict rp_filter drops packets because the way back leads elsewhere.</summary>
/// <remarks>Source: net/ipv4/fib_frontend.c, __fib_validate_source.</remarks>
internal sealed class ReversePathCheck : ICheck
{
    private const int Strict = 1;

    public string Name => "reverse-path";

    public string Healthy => "rp_filter drops nothing that should come in";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        Device[] strict = [.. machine.Devices.Where(device => IsStrict(machine, device))];
        List<Finding> findings = [.. strict.Select(device => Examine(machine, device)).OfType<Finding>()];
        if (findings.Count == 0 && strict.Length > 0 && machine.Counters.ReversePathDrops is > 0 and var drops)
            findings.Add(Finding.Note("reverse-path-drops", $"rp_filter has dropped {drops} packets in this network namespace",
                    "they came in by another device than the way back to their source leaves by")
                .ToDo("ip route get SOURCE, for the source that you miss",
                    "sysctl -w net.ipv4.conf.DEV.rp_filter=2, for the device that they come in by"));
        return findings;
    }

    private static bool IsStrict(Machine machine, Device device) =>
        !device.IsLoopback && device.Link.IsUp && machine.Sysctls.ReversePathFilter(device.Name) == Strict;

    private static Finding? Examine(Machine machine, Device device)
    {
        foreach (var tunnel in machine.Tunnels)
            if (tunnel.BoundTo == device.Index && tunnel.Remote is { } remote && Elsewhere(machine, device, remote) is { } other)
                return Describe(machine, device, $"{remote}, the far end of {tunnel.Name}", other, Severity.Warning);
        foreach (var route in machine.RoutesInto(device, AddressFamily.InterNetwork))
            if (machine.Sample(route.Destination) is { } source && Elsewhere(machine, device, source) is { } other)
                return Describe(machine, device, route.Destination.ToString(), other,
                    machine.IsSubject(device) ? Severity.Warning : Severity.Note);
        return null;
    }

    // The kernel asks for the way from the packet's destination, an address of ours, to its source.
    private static string? Elsewhere(Machine machine, Device device, IPAddress source)
    {
        var way = machine.Routing.Find(new RouteQuery(source) { Source = device.AddressOf(AddressFamily.InterNetwork) });
        return way.Route is not { } route ? "nowhere"
            : route.OutputInterface == device.Index || route.NextHops.Any(hop => hop.OutputInterface == device.Index) ? null
            : $"by {machine.Find(route.OutputInterface)?.Name ?? "another device"}";
    }

    private static Finding Describe(Machine machine, Device device, string source, string way, Severity severity)
    {
        var drops = machine.Counters.ReversePathDrops is > 0 and var count ? $"; so far {count} were, on all devices together" : "";
        return new Finding(severity, "reverse-path", $"rp_filter is strict on {device.Name}, but the way to {source} leads {way}",
                $"packets from there that come in by {device.Name} are dropped without a word{drops}")
            .About(device.Name).ToDo($"sysctl -w {Sysctls.NameOf("ipv4", device.Name, "rp_filter")}=2");
    }
}
