using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>
/// What the checks look at: the facts about a machine and one of its network namespaces, read once. What a fact has by default
/// is what a machine has on which nothing is wrong.
/// </summary>
internal sealed record Machine
{
    /// <summary>What was asked about.</summary>
    public Asked Asked { get; init; } = new();

    /// <summary>The network namespace, as the kernel writes it.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The node of the TUN driver.</summary>
    public NodeFacts Node { get; init; } = new();

    /// <summary>What we may do.</summary>
    public RightsFacts Rights { get; init; } = new();

    /// <summary>The kernel.</summary>
    public KernelFacts Kernel { get; init; } = new();

    /// <summary>What was found out by trying.</summary>
    public TrialFacts Trial { get; init; } = new();

    /// <summary>The network devices.</summary>
    public IReadOnlyList<Device> Devices { get; init; } = [];

    /// <summary>The tunnels among them.</summary>
    public IReadOnlyList<Tunnel> Tunnels { get; init; } = [];

    /// <summary>The routes of all tables, IPv4 and IPv6.</summary>
    public IReadOnlyList<Route> Routes { get; init; } = [];

    /// <summary>The neighbours.</summary>
    public IReadOnlyList<Neighbour> Neighbours { get; init; } = [];

    /// <summary>Whom to ask for ways.</summary>
    public required IRouting Routing { get; init; }

    /// <summary>The network settings.</summary>
    public Sysctls Sysctls { get; init; } = Sysctls.Default;

    /// <summary>What the kernel has counted.</summary>
    public ProtocolCounters Counters { get; init; } = new();

    /// <summary>Qanat's daemon.</summary>
    public DaemonFacts Daemon { get; init; } = new() { Paths = new("/run/qanat", 0) };

    /// <summary>WireGuard's interfaces.</summary>
    public WireGuardFacts WireGuard { get; init; } = WireGuardFacts.None;

    /// <summary>The packet filter.</summary>
    public FirewallFacts Firewall { get; init; } = new();

    /// <summary>What is to be off in the data path, by the environment.</summary>
    public string? Disabled { get; init; }

    /// <summary>The TUN and TAP devices and the tunnels.</summary>
    public IEnumerable<Device> Subjects => Devices.Where(IsSubject);

    /// <summary>The others, but the loopback device: what packets leave this host by.</summary>
    public IEnumerable<Device> Wires => Devices.Where(device => !device.IsLoopback && !IsSubject(device));

    /// <summary>Whether a device is a TUN, a TAP or a tunnel.</summary>
    public bool IsSubject(Device device) => device.IsSubject || TunnelOf(device.Index) is not null;

    /// <summary>The device of an index; null when there is none.</summary>
    public Device? Find(int index) => Devices.FirstOrDefault(device => device.Index == index);

    /// <summary>The device of a name; null when there is none.</summary>
    public Device? Find(string name) => Devices.FirstOrDefault(device => device.Name == name);

    /// <summary>The tunnel behind the device of an index; null when it is no tunnel.</summary>
    public Tunnel? TunnelOf(int index) => Tunnels.FirstOrDefault(tunnel => tunnel.Index == index);

    /// <summary>Where a tunnel's outer packets go; nothing is said of one without a remote.</summary>
    public Way WayOf(Tunnel tunnel) => tunnel.Remote is not { } remote
        ? default
        : Routing.Find(new RouteQuery(remote) { Source = IsOurs(tunnel.Local) ? tunnel.Local : null, OutputInterface = tunnel.BoundTo });

    /// <summary>Whether an address is one of this namespace's.</summary>
    public bool IsOurs(IPAddress? address) =>
        address is not null && Devices.Any(device => device.Addresses.Any(own => own.Address.Equals(address)));

    /// <summary>The device by which a tunnel's outer packets leave; null when that is not known.</summary>
    public Device? UnderlayOf(Tunnel tunnel) => WayOf(tunnel).Route is { } route ? Find(route.OutputInterface) : null;

    /// <summary>The MTU of the path that a route begins.</summary>
    public int MtuOf(Route route) => route.Mtu != 0 ? route.Mtu : Find(route.OutputInterface)?.Link.Mtu ?? 0;

    /// <summary>An address that a route for a network decides about, and nothing more specific; null when none is found.</summary>
    public IPAddress? Sample(IPNetwork network) => Prefixes.Sample(network,
    [
        .. Routes.Select(route => route.Destination),
        .. Devices.SelectMany(device => device.Addresses).Select(own => Prefixes.Alone(own.Address)),
    ]);

    /// <summary>The routes by which packets may enter a device, but those that the kernel gives each device by itself.</summary>
    public IEnumerable<Route> RoutesInto(Device device) => Routes.Where(route =>
        route is { Type: RouteType.Unicast, Destination.BaseAddress: { IsIPv6LinkLocal: false, IsIPv6Multicast: false } } &&
        (route.OutputInterface == device.Index || route.NextHops.Any(hop => hop.OutputInterface == device.Index)));

    /// <summary>Those of one family.</summary>
    public IEnumerable<Route> RoutesInto(Device device, AddressFamily family) => RoutesInto(device).Where(route => route.Family == family);
}
