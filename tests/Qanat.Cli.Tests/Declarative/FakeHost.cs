using Qanat.Cli.Client;
using Qanat.Cli.Declarative;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Tests.Declarative;

/// <summary>A daemon and the devices it makes, in memory. What is asked of either is noted.</summary>
internal sealed class FakeHost : IQanatClient, IDeviceNetwork
{
    private static readonly CounterReport Nothing = new(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>());

    private readonly Dictionary<string, Device> _devices = new() { ["eth0"] = new(1, null) };
    private readonly List<InterfaceAddress> _addresses = [];
    private readonly List<Route> _routes = [];
    private readonly List<FouPort> _fouPorts = [];
    private readonly List<L2tpTunnel> _l2tpTunnels = [];
    private int _lastIndex = 1;

    /// <summary>What was done, in order.</summary>
    public List<string> Done { get; } = [];

    /// <summary>Names of tunnels that the daemon refuses to make.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>The index of a device.</summary>
    public int this[string device] => _devices[device].Index;

    public void Give(string device, InterfaceAddress address) => _addresses.Add(address with { InterfaceIndex = this[device] });

    public void Give(string device, Route route) => _routes.Add(route with { OutputInterface = this[device] });

    public IReadOnlyList<TunnelReport> List() =>
        [.. _devices.Where(device => device.Value.Spec is not null)
            .Select(device => new TunnelReport(device.Value.Spec!, device.Value.Index, device.Value.Mtu, device.Value.Up, Nothing))];

    public TunnelReport Get(string name) => List().First(tunnel => tunnel.Spec.Name == name);

    public void Add(TunnelSpec spec)
    {
        Done.Add($"add {spec.Name}");
        if (_devices.ContainsKey(spec.Name) || Refused.Contains(spec.Name))
            throw new ApiException(new ApiError(Errno.EEXIST, "File exists", "it is taken"));
        _devices.Add(spec.Name, new(++_lastIndex, spec));
    }

    public void Change(string name, TunnelSpec spec)
    {
        Done.Add($"change {name}");
        _devices[name].Spec = spec;
    }

    public void Delete(string name)
    {
        Done.Add($"delete {name}");
        var index = this[name];
        _addresses.RemoveAll(address => address.InterfaceIndex == index);
        _routes.RemoveAll(route => route.OutputInterface == index);
        _devices.Remove(name);
    }

    public void AddRouter(string name, RouterSpec router) => throw new NotSupportedException();

    public void DeleteRouter(string name, RouterSpec router) => throw new NotSupportedException();

    public void Set6rd(string name, SixRdSpec prefixes) => throw new NotSupportedException();

    public void Reset6rd(string name) => throw new NotSupportedException();

    public IReadOnlyList<FouPort> ListFouPorts() => [.. _fouPorts.AsEnumerable().Reverse()]; // the newest first

    public void AddFouPort(FouPort port)
    {
        Done.Add($"add fou {port.Port}");
        _fouPorts.Add(port);
    }

    public void DeleteFouPort(FouPort port)
    {
        Done.Add($"delete fou {port.Port}");
        if (_fouPorts.RemoveAll(other => (other.Port, other.Family) == (port.Port, port.Family)) == 0)
            throw new ApiException(Errno.EINVAL);
    }

    public IReadOnlyList<L2tpTunnel> ListL2tpTunnels() => [.. _l2tpTunnels];

    public void AddL2tpTunnel(L2tpTunnel tunnel)
    {
        Done.Add($"add l2tp {tunnel.TunnelId}");
        _l2tpTunnels.Add(tunnel);
    }

    // Its sessions go with it.
    public void DeleteL2tpTunnel(uint id)
    {
        Done.Add($"delete l2tp {id}");
        if (_l2tpTunnels.RemoveAll(tunnel => tunnel.TunnelId == id) == 0)
            throw new ApiException(Errno.ENODEV);
        foreach (var session in _devices.Where(device => device.Value.Spec?.L2tp?.TunnelId == id).ToList())
            Delete(session.Key);
    }

    // The tunnel's own remote comes first, as one more.
    public IReadOnlyList<FdbEntry> ListFdb(string name) =>
    [
        .. Get(name).Spec is { Remote: not "any" } spec ? (FdbEntry[])[new() { Mac = "00:00:00:00:00:00", Dst = spec.Remote }] : [],
        .. _devices[name].Fdb,
    ];

    public void AddFdb(string name, string verb, FdbEntry entry)
    {
        Done.Add($"{verb} fdb {entry.Mac} {entry.Dst}");
        if (verb == "replace")
            _devices[name].Fdb.RemoveAll(other => other.Mac == entry.Mac);
        _devices[name].Fdb.Add(entry);
    }

    public void FlushFdb(string name, FdbFilter filter) => throw new NotSupportedException();

    public void DeleteFdb(string name, FdbEntry entry)
    {
        Done.Add($"delete fdb {entry.Mac} {entry.Dst}");
        if (_devices[name].Fdb.RemoveAll(other => (other.Mac, other.Dst) == (entry.Mac, entry.Dst)) == 0)
            throw new ApiException(Errno.ENOENT);
    }

    public DaemonStatus? Status() => null;

    public string? Metrics() => null;

    public Stream? Capture(string name, int snapLength) => null;

    public IReadOnlyDictionary<string, int> Devices() => _devices.ToDictionary(device => device.Key, device => device.Value.Index);

    public IReadOnlyList<InterfaceAddress> Addresses(IReadOnlyCollection<int> devices) =>
        [.. _addresses.Where(address => devices.Contains(address.InterfaceIndex))];

    public IReadOnlyList<Route> Routes() => _routes;

    public void SetLinks(IReadOnlyList<LinkSettings> settings, Refused refused)
    {
        foreach (var setting in settings)
        {
            var (name, device) = _devices.Single(device => device.Value.Index == setting.Index);
            Done.Add($"link {name}");
            (device.Up, device.Mtu) = (setting.Up ?? device.Up, setting.Mtu ?? device.Mtu);
        }
    }

    // As the kernel does it, the last address of IPv4 takes the routes of IPv4 along.
    public void DeleteAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused)
    {
        foreach (var address in addresses)
        {
            Done.Add($"delete address {address.Address}");
            if (_addresses.RemoveAll(other => Same(other, address)) == 0)
                refused(address.InterfaceIndex, new($"delete address {address.Address}", Errno.EADDRNOTAVAIL));
            if (!_addresses.Any(other => other.InterfaceIndex == address.InterfaceIndex && !other.Address.IsIPv6()))
                _routes.RemoveAll(route => route.OutputInterface == address.InterfaceIndex && !route.Destination.BaseAddress.IsIPv6());
        }
    }

    public void AddAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused)
    {
        foreach (var address in addresses)
        {
            Done.Add($"add address {address.Address}");
            if (_addresses.Any(other => Same(other, address)))
                refused(address.InterfaceIndex, new($"add address {address.Address}", Errno.EEXIST));
            else
                _addresses.Add(address with { Flags = AddressFlags.Permanent });
        }
    }

    public void DeleteRoutes(IReadOnlyList<Route> routes, Refused refused)
    {
        foreach (var route in routes)
        {
            Done.Add($"delete route {route.Destination}");
            if (_routes.RemoveAll(other => Same(other, route)) == 0)
                refused(route.OutputInterface, new($"delete route {route.Destination}", Errno.ESRCH));
        }
    }

    public void AddRoutes(IReadOnlyList<Route> routes, Refused refused)
    {
        foreach (var route in routes)
        {
            Done.Add($"add route {route.Destination}");
            if (_routes.Any(other => (other.Destination, other.Table, other.Metric) == (route.Destination, route.Table, route.Metric)))
                refused(route.OutputInterface, new($"add route {route.Destination}", Errno.EEXIST));
            else
                _routes.Add(route);
        }
    }

    public void Dispose()
    {
    }

    private static bool Same(InterfaceAddress left, InterfaceAddress right) =>
        left.InterfaceIndex == right.InterfaceIndex && left.Address.Equals(right.Address) && left.PrefixLength == right.PrefixLength;

    private static bool Same(Route left, Route right) =>
        (left.OutputInterface, left.Destination, left.Table, left.Metric, left.Gateway?.ToString()) ==
        (right.OutputInterface, right.Destination, right.Table, right.Metric, right.Gateway?.ToString());

    private sealed class Device(int index, TunnelSpec? spec)
    {
        public int Index { get; } = index;

        public TunnelSpec? Spec { get; set; } = spec;

        public int Mtu { get; set; } = 1480;

        public bool Up { get; set; }

        public List<FdbEntry> Fdb { get; } = [];
    }
}
