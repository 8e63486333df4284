using System.Net;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor;

/// <summary>What something that was asked about is, well or not: names and values, one a line.</summary>
/// <param name="Subject">The device or the address.</param>
/// <param name="Lines">Its facts.</param>
internal sealed record Portrait(string Subject, IReadOnlyList<(string Name, string Value)> Lines)
{
    private const int MaxRoutes = 8;

    /// <summary>One of each device and each address that was asked about.</summary>
    public static IReadOnlyList<Portrait> Of(Machine machine) =>
    [
        .. machine.Asked.Devices.Select(machine.Find).OfType<Device>()
            .Select(device => new Portrait(device.Name, [.. Describe(machine, device)])),
        .. machine.Asked.Destinations.Select(address => new Portrait(address.ToString(), [.. Describe(machine, address)])),
    ];

    private static IEnumerable<(string, string)> Describe(Machine machine, Device device)
    {
        yield return ("kind", Kind(machine, device));
        yield return ("state", $"{(device.Link.IsUp ? "up" : "down")}, {(device.HasCarrier ? "" : "no ")}carrier, mtu {device.Link.Mtu}");
        if (device.IsTun)
            yield return ("held by", Holders(device));
        if (machine.Find(device.Link.Master) is { } master)
            yield return ("master", master.Name);
        foreach (var address in device.Addresses)
            yield return ("address", $"{address.Address}{(address.Peer is { } peer ? $" peer {peer}" : "")}/{address.PrefixLength}");
        foreach (var route in machine.RoutesInto(device).Take(MaxRoutes))
            yield return ("route", $"{route.Destination}{(route.Gateway is { } gateway ? $" via {gateway}" : "")}");
        if (machine.TunnelOf(device.Index) is { Remote: { } remote } tunnel)
            yield return ("far end", $"{remote}, {Describe(machine, machine.WayOf(tunnel))}");
        var sysctls = machine.Sysctls;
        yield return ("rp_filter", sysctls.ReversePathFilter(device.Name) switch { 0 => "off", 1 => "strict", _ => "loose" });
        yield return ("forwarding", Listed(
            ("IPv4", sysctls.ForwardsIPv4(device.Name)), ("IPv6", sysctls is { HasIPv6: true, ForwardsIPv6: true })));
        yield return ("IPv6", sysctls.HasIPv6 && !sysctls.IsIPv6Disabled(device.Name) ? "on" : "off");
        if (device.Offloads is { } offloads)
            yield return ("offloads", Listed(
                ("checksum", offloads.TransmitChecksum), ("TSO", offloads.Tso), ("GRO", offloads.Gro), ("LRO", offloads.Lro)));
        var counters = device.Link.Statistics;
        yield return ("dropped", $"{counters.TxDropped} going out, {counters.RxDropped} coming in");
    }

    // The way, and below each tunnel on it the way of that one's outer packets.
    private static IEnumerable<(string, string)> Describe(Machine machine, IPAddress address)
    {
        var way = machine.Routing.Find(new RouteQuery(address));
        yield return ("way", Describe(machine, way));
        HashSet<int> passed = [];
        while (way.Route is { OutputInterface: var index } && passed.Add(index) && machine.TunnelOf(index) is { Remote: { } remote } tunnel)
        {
            way = machine.WayOf(tunnel);
            yield return ("below", $"{tunnel.Name} to {remote}, {Describe(machine, way)}");
        }
    }

    private static string Describe(Machine machine, Way way)
    {
        if (way.Route is not { } route)
            return way.Error == 0 ? "wherever routes lead" : $"no way: {Errno.Text(way.Error)}";
        if (route.Type == RouteType.Local)
            return "which is this host";
        var gateway = route.Gateway is { } router ? $" via {router}" : "";
        var source = route.PreferredSource is { } own ? $" from {own}" : "";
        var learnt = route.Expires is not null ? " (learnt)" : "";
        return $"by {machine.Find(route.OutputInterface)?.Name}{gateway}{source}, mtu {machine.MtuOf(route)}{learnt}";
    }

    private static string Kind(Machine machine, Device device)
    {
        if (machine.TunnelOf(device.Index) is { } tunnel)
            return $"{tunnel.Mode} tunnel{(tunnel.IsOurs ? "" : " of the kernel")}, local {Any(tunnel.Local)}, remote {Any(tunnel.Remote)}";
        if (device.Link.Tun is not { } tun)
            return device.Link.Kind ?? (device.IsLoopback ? "loopback" : "a network card");
        (bool Has, string Word)[] words =
        [
            (tun.Persistent, "persist"), (tun.PacketInformation, "pi"), (tun.VnetHeader, "vnet_hdr"), (tun.MultiQueue, "multi_queue"),
            (tun.Owner is not null, $"user {tun.Owner}"), (tun.Group is not null, $"group {tun.Group}"),
        ];
        return string.Join(' ', words.Where(word => word.Has).Select(word => word.Word).Prepend(tun.Tap ? "tap" : "tun"));
    }

    private static string Holders(Device device) =>
        device.Holders.Count > 0 ? string.Join(", ", device.Holders.Select(holder => $"{holder.Program} ({holder.ProcessId})"))
        : device.HasCarrier ? "a process that cannot be seen from here"
        : "nobody";

    private static string Any(IPAddress? address) => address?.ToString() ?? "any";

    private static string Listed(params (string Name, bool On)[] switches) =>
        string.Join(", ", switches.Select(one => $"{one.Name} {(one.On ? "on" : "off")}"));
}
