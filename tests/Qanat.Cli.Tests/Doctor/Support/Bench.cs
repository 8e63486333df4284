using System.Net;
using Qanat.Cli.Doctor;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;
using Tunnel = Qanat.Cli.Doctor.Facts.Tunnel;

namespace Qanat.Cli.Tests.Doctor.Support;

/// <summary>Machines to examine, made of a few words.</summary>
internal static class Bench
{
    /// <summary>A machine with devices, the routes that their addresses bring, and others.</summary>
    public static Machine Machine(params IEnumerable<Device> devices) => Rerouted(new()
    {
        Devices = [.. devices],
        Routes = [.. devices.SelectMany(Connected)],
        Routing = null!,
    });

    /// <summary>The machine with a tunnel behind one of its devices.</summary>
    public static Machine With(this Machine machine, params Tunnel[] tunnels) =>
        machine with { Tunnels = [.. machine.Tunnels, .. tunnels] };

    /// <summary>The machine with further routes.</summary>
    public static Machine Routed(this Machine machine, params Route[] routes) =>
        Rerouted(machine with { Routes = [.. machine.Routes, .. routes] });

    /// <summary>The machine with settings, by their path below /proc/sys/net.</summary>
    public static Machine Set(this Machine machine, params (string Path, int Value)[] settings)
    {
        var before = machine.Sysctls;
        return machine with
        {
            Sysctls = new(path => Array.Find(settings, setting => $"net/{setting.Path}" == path) is { Path: not null } found
                ? found.Value.ToString()
                : before.Number(path)?.ToString()),
        };
    }

    /// <summary>A wire that is up, or another device that is no tunnel.</summary>
    public static Device Wire(int index, string name, params string[] addresses) => new()
    {
        Link = new()
        {
            Index = index, Name = name, Mtu = 1500, Kind = "veth", Type = LinkType.Ethernet, Flags = LinkFlags.Up | LinkFlags.LowerUp,
        },
        Details = new() { Index = index, Carrier = true },
        Addresses = [.. addresses.Select(text => Address(index, text))],
    };

    /// <summary>A TUN that is up and held by a program.</summary>
    public static Device Tun(int index, string name, params string[] addresses)
    {
        var device = Wire(index, name, addresses);
        return device with
        {
            Link = device.Link with { Kind = "tun", Type = LinkType.None, Tun = new() { Persistent = true } },
            Holders = [new(name, 42, "vpn")],
        };
    }

    /// <summary>A TAP that is up and held by a program.</summary>
    public static Device Tap(int index, string name, params string[] addresses)
    {
        var device = Tun(index, name, addresses);
        return device with
        {
            Link = device.Link with { Type = LinkType.Ethernet, Tun = new() { Persistent = true, Tap = true } },
        };
    }

    /// <summary>A tunnel of Qanat's behind a device.</summary>
    public static Tunnel Ipip(Device device, string local, string remote) => new()
    {
        Name = device.Name, Index = device.Index, Mode = "ipip", Protocol = 4, IsOurs = true,
        Local = Tunnel.AddressOf(local), Remote = Tunnel.AddressOf(remote),
    };

    /// <summary>The device without a program that holds it.</summary>
    public static Device Abandoned(this Device device) => device with
    {
        Holders = [],
        Details = device.Details with { Carrier = false },
        Link = device.Link with { Flags = device.Link.Flags & ~LinkFlags.LowerUp },
    };

    /// <summary>The device, switched off.</summary>
    public static Device Down(this Device device) => device with { Link = device.Link with { Flags = LinkFlags.None } };

    /// <summary>The device with another MTU.</summary>
    public static Device Mtu(this Device device, int mtu) => device with { Link = device.Link with { Mtu = mtu } };

    /// <summary>The device as a port of a bridge.</summary>
    public static Device On(this Device device, Device bridge) => device with { Link = device.Link with { Master = bridge.Index } };

    /// <summary>A route that somebody added: <c>Route("10.0.0.0/8", device)</c>.</summary>
    public static Route Route(string destination, Device? device = null, RouteType type = RouteType.Unicast) => new()
    {
        Destination = IPNetwork.Parse(destination), OutputInterface = device?.Index ?? 0, Type = type, Protocol = RouteProtocol.Boot,
    };

    /// <summary>An address: <c>10.0.0.1/24</c> or <c>10.0.0.1 peer 10.0.0.2/32</c>.</summary>
    public static InterfaceAddress Address(int index, string text)
    {
        var slash = text.LastIndexOf('/');
        var words = text[..slash].Split(" peer ");
        return new()
        {
            InterfaceIndex = index,
            Address = IPAddress.Parse(words[0]),
            Peer = words.Length > 1 ? IPAddress.Parse(words[1]) : null,
            PrefixLength = byte.Parse(text[(slash + 1)..]),
        };
    }

    /// <summary>What a check finds, each as <c>severity name</c>, without what is ok.</summary>
    public static string[] Find<TCheck>(this Machine machine) where TCheck : ICheck, new() =>
    [
        .. machine.Examine<TCheck>().Where(finding => finding.Severity != Severity.Ok)
            .Select(finding => $"{finding.Severity.Word()} {finding.Name}"),
    ];

    /// <summary>The one thing that a check finds.</summary>
    public static Finding Only<TCheck>(this Machine machine) where TCheck : ICheck, new() =>
        Assert.Single(machine.Examine<TCheck>(), finding => finding.Severity != Severity.Ok);

    private static Finding[] Examine<TCheck>(this Machine machine) where TCheck : ICheck, new() => [.. new TCheck().Examine(machine)];

    private static Machine Rerouted(Machine machine) => machine with { Routing = new FakeRouting(machine.Devices, machine.Routes) };

    private static IEnumerable<Route> Connected(Device device) =>
        device.Link.IsUp
            ? device.Addresses.Select(address => new Route
            {
                Destination = Prefixes.Of(address), OutputInterface = device.Index,
                Protocol = RouteProtocol.Kernel, Scope = RouteScope.Link,
            })
            : [];
}
