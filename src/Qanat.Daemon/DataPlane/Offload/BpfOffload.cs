using Qanat.Linux;
using Qanat.Linux.Bpf;
using Qanat.Linux.Events;
using Qanat.Linux.Netfilter;
using Qanat.Linux.Netlink;
using Qanat.Linux.Xfrm;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>
/// Has the kernel move the packets of those tunnels for which there is a plan: by a program at the way out of each tunnel's device,
/// and one at the way in of the devices underneath. All that the programs leave alone comes to the daemon as before. Looks once a
/// second whether the plans still hold. Belongs to the worker.
/// </summary>
/// <remarks>
/// The programs pass by what netfilter and IPsec would do to outer packets, so they are not in use while there is any of that. They
/// go with the process, whatever its end.
/// </remarks>
internal sealed class BpfOffload : IDisposable
{
    private const string Inspected = "netfilter or IPsec looks at packets";

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>Tunnels that are offloaded in one look: each takes several milliseconds, in which no packet is moved here.</summary>
    private const int MaxAtOnce = 16;

    private readonly TunnelEngine _engine;
    private readonly RouteNetlink _netlink;
    private readonly DaemonLog _log;
    private readonly Func<IEnumerable<Tunnel>> _tunnels;
    private readonly NetfilterHooks _hooks = new();
    private readonly IpsecPolicies _policies = new();
    private readonly OffloadMaps _maps = new();
    private readonly BpfProgram _arrivals;
    private readonly Dictionary<int, BpfLink> _underlays = [];
    private readonly Dictionary<ushort, uint> _ports = [];
    private readonly Dictionary<Tunnel, OffloadedTunnel> _offloaded = [];
    private readonly Dictionary<Tunnel, string> _obstacles = [];
    private readonly Stack<uint> _slots = new();
    private volatile string _state = "on";

    /// <summary>Makes the maps and the program for what arrives.</summary>
    /// <param name="engine">Makes the plans.</param>
    /// <param name="netlink">Tells of devices.</param>
    /// <param name="tunnels">All tunnels that there are.</param>
    /// <param name="log">Hears which of them are offloaded, and why others are not.</param>
    /// <exception cref="LinuxException">The kernel does not let us.</exception>
    public BpfOffload(TunnelEngine engine, RouteNetlink netlink, Func<IEnumerable<Tunnel>> tunnels, DaemonLog log)
    {
        (_engine, _netlink, _tunnels, _log) = (engine, netlink, tunnels, log);
        _arrivals = BpfProgram.LoadClassifier("qanat_in", DecapsulationProgram.Assemble(_maps));
        for (var slot = OffloadMaps.MaxTunnels; slot-- > 0;)
            _slots.Push((uint)slot);
    }

    /// <summary>Whether it is in use, for people. May be read on any thread.</summary>
    public string State => _state;

    /// <summary>Begins to look, on the worker's thread.</summary>
    public void Start(Worker worker)
    {
        WorkerTimer? timer = null;
        timer = worker.AddTimer(() =>
        {
            Review();
            timer!.Set(s_period);
        });
        timer.Set(s_period);
    }

    /// <summary>Brings the programs in line with the tunnels as they are now, and the counters in line with the programs.</summary>
    public void Review()
    {
        try
        {
            BringInLine();
        }
        catch (LinuxException fault)
        {
            // Whether the plans hold is not known then: the daemon moves the packets until it can be looked at again.
            foreach (var tunnel in _offloaded.Keys.ToArray())
                Withdraw(tunnel);
            var state = $"off ({fault.Message})";
            if (_state != state)
                _log.Write($"no tunnel is offloaded: {fault.Message}");
            _state = state;
        }
    }

    /// <summary>Leaves a tunnel to the daemon.</summary>
    public void Remove(Tunnel tunnel)
    {
        Withdraw(tunnel);
        _obstacles.Remove(tunnel);
    }

    public void Dispose()
    {
        foreach (var offloaded in _offloaded.Values)
            offloaded.Dispose();
        foreach (var link in _underlays.Values)
            link.Dispose();
        _arrivals.Dispose();
        _maps.Dispose();
        _hooks.Dispose();
        _policies.Dispose();
    }

    private void BringInLine()
    {
        var inspected = _hooks.AnyOutput() || _hooks.AnyInput() || _policies.AnyOutput() || _policies.AnyInput();
        var plans = MakePlans(inspected);
        foreach (var tunnel in _offloaded.Keys.Where(tunnel => !plans.ContainsKey(tunnel)).ToArray())
            Withdraw(tunnel);
        FollowPorts();
        FollowUnderlays(plans.Values.Select(plan => plan.Underlay).ToHashSet());
        foreach (var (tunnel, offloaded) in _offloaded.ToArray())
            if (offloaded.Plan != plans[tunnel])
                Try(tunnel, () => offloaded.Change(plans[tunnel]));
        foreach (var (tunnel, plan) in plans.Where(pair => !_offloaded.ContainsKey(pair.Key)).Take(Math.Min(MaxAtOnce, _slots.Count)))
            Try(tunnel, () => Begin(tunnel, plan));
        foreach (var offloaded in _offloaded.Values)
            offloaded.Collect();
        _state = inspected ? $"off ({Inspected})" : $"on (for {_offloaded.Count} of {_tunnels().Count()} tunnels)";
    }

    private Dictionary<Tunnel, OffloadPlan> MakePlans(bool inspected)
    {
        var plans = new Dictionary<Tunnel, OffloadPlan>();
        var underlays = new Dictionary<int, string?>();
        foreach (var tunnel in _tunnels())
        {
            var plan = _engine.PlanOffload(tunnel, out var obstacle);
            obstacle ??= inspected ? Inspected : ObstacleAt(plan!.Underlay);
            if (obstacle is null)
                plans.Add(tunnel, plan!);
            else
                Explain(tunnel, obstacle);
        }
        foreach (var alike in plans.GroupBy(pair => pair.Value.Arrives).Where(group => group.Count() > 1).ToArray())
            foreach (var (tunnel, _) in alike)
            {
                plans.Remove(tunnel);
                Explain(tunnel, "another tunnel has the same packets arrive");
            }
        return plans;

        string? ObstacleAt(int index)
        {
            if (!underlays.TryGetValue(index, out var obstacle))
                underlays[index] = obstacle = _netlink.Links.Find(index) is not { Type: LinkType.Ethernet } link
                    ? "the device underneath is not Ethernet"
                    : _hooks.AnyIngress(link.Name) ? Inspected : null;
            return obstacle;
        }
    }

    private void Withdraw(Tunnel tunnel)
    {
        if (!_offloaded.Remove(tunnel, out var offloaded))
            return;
        _slots.Push(offloaded.Slot);
        offloaded.Dispose();
    }

    private void Begin(Tunnel tunnel, OffloadPlan plan)
    {
        _offloaded.Add(tunnel, new(tunnel, plan, _maps, _slots.Peek()));
        _slots.Pop();
        _obstacles.Remove(tunnel);
        _log.Write($"{tunnel.Name}: offloaded");
    }

    private void Try(Tunnel tunnel, Action action)
    {
        try
        {
            action();
        }
        catch (LinuxException fault)
        {
            Withdraw(tunnel);
            Explain(tunnel, fault.Message);
        }
    }

    private void Explain(Tunnel tunnel, string obstacle)
    {
        if (_obstacles.TryGetValue(tunnel, out var known) && known == obstacle)
            return;
        _obstacles[tunnel] = obstacle;
        _log.Write($"{tunnel.Name}: not offloaded: {obstacle}");
    }

    private void FollowPorts()
    {
        var open = _engine.OpenPorts.Select(port => KeyValuePair.Create(port.Key, OffloadMaps.PortValue(port.Value)))
            .Where(port => port.Value != 0).Take(OffloadMaps.MaxPorts).ToDictionary();
        foreach (var port in _ports.Keys.Where(port => !open.ContainsKey(port)).ToArray())
        {
            _maps.Ports.Remove((uint)OffloadMaps.NetworkOrder(port));
            _ports.Remove(port);
        }
        foreach (var (port, value) in open)
            if (!_ports.TryGetValue(port, out var known) || known != value)
            {
                _maps.Ports.Set((uint)OffloadMaps.NetworkOrder(port), value);
                _ports[port] = value;
            }
    }

    private void FollowUnderlays(HashSet<int> needed)
    {
        foreach (var index in _underlays.Keys.Where(index => !needed.Contains(index)).ToArray())
        {
            _underlays[index].Dispose();
            _underlays.Remove(index);
        }
        foreach (var index in needed.Where(index => !_underlays.ContainsKey(index)))
            try
            {
                _underlays.Add(index, BpfLink.Attach(_arrivals, index, BpfHook.TcxIngress));
            }
            catch (LinuxException fault)
            {
                _log.Write(fault.Message); // it may be going; if not, it is tried again
            }
    }
}
