using Qanat.Daemon.Control;
using Qanat.Daemon.DataPlane.Offload;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The data path that is always there: TUN devices on one side, sockets on the other, the tunnel engine between, and one
/// worker that does all of it, so that no packet meets a lock.
/// </summary>
public sealed partial class UserDataPlane : IDataPlane
{
    /// <summary>How often it is looked whether router solicitations are due, and groups to be joined.</summary>
    private static readonly TimeSpan s_upkeep = TimeSpan.FromSeconds(1);

    private readonly DaemonLog _log;
    private readonly UserDataPlaneOptions _options;
    private readonly Worker _worker = new("qanat-packets");
    private readonly Dictionary<int, TunnelDevice> _devices = [];
    private readonly PacketBatch _fromDevices = new();
    private readonly PacketBatch _toDevices = new();
    private readonly RouteNetlink _netlink = new();
    private readonly RouteCache _routes;
    private readonly Underlay _underlay;
    private readonly TunnelEngine _engine;
    private readonly NetworkWatch _watch;
    private readonly BpfOffload? _offload;
    private readonly string _noOffload = "off";
    private volatile Func<IReadOnlyDictionary<string, string>> _features = () => new Dictionary<string, string>();

    /// <summary>Opens the sockets and starts the worker, in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">A socket could not be opened.</exception>
    public UserDataPlane(DaemonLog log, UserDataPlaneOptions? options = null)
    {
        _log = log;
        _options = options ?? UserDataPlaneOptions.FromEnvironment();
        _routes = new(_netlink);
        _underlay = new(_netlink, _routes, _options, log);
        _engine = new(_routes, _underlay.Wire, _underlay.Errors);
        _watch = new(_routes, OnLinkChanged, OnLinkRemoved, Resynchronise);
        try
        {
            _offload = _options.Bpf ? new(_engine, _netlink, () => _devices.Values.Select(device => device.Tunnel), log) : null;
        }
        catch (LinuxException fault)
        {
            _noOffload = $"off ({fault.Message})";
            log.Write($"bpf: {_noOffload}");
        }
        Run(() =>
        {
            _underlay.Start(_worker, _engine);
            _watch.Start(_worker);
            _offload?.Start(_worker);
            StartUpkeep();
        });
    }

    /// <inheritdoc/>
    public event Action<int>? DeviceGone;

    /// <inheritdoc/>
    public event Action<int, string>? DeviceRenamed;

    /// <inheritdoc/>
    public event Action<int>? DeviceReady;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Features => _features();

    /// <inheritdoc/>
    public StrayPackets Strays => new(_engine.Unclaimed, _engine.Malformed);

    /// <inheritdoc/>
    public bool Carries(TunnelMode mode) => TunnelModes.All.Contains(mode);

    /// <inheritdoc/>
    public Task<Tunnel> AddAsync(int index, string name, TunnelParameters parameters) => _worker.InvokeAsync(() =>
    {
        if (!Carries(parameters.Mode))
            throw new LinuxException($"attach to {name}", Errno.EOPNOTSUPP, $"{ModeFacts.Of(parameters.Mode).Word} is not carried here");
        var port = Attach(name, parameters);
        Underlay.Opened? sockets = null;
        try
        {
            if (port.Index != index)
                throw new LinuxException($"attach to {name}", Errno.ENODEV, "another device has that name now");
            var link = _netlink.Links.Get(index);
            var tunnel = new Tunnel(index, name, parameters) { Device = new(port, _toDevices) };
            Follow(tunnel, link, port.Offloads.Granted);
            sockets = _underlay.Open(parameters);
            tunnel.SourcePorts = sockets.SourcePorts;
            _devices.Add(index, new(_worker, _engine, tunnel, port, _fromDevices, OnDeviceFault) { Sockets = sockets });
            var offloads = port.Offloads;
            _features = () => _options.Describe(offloads, _underlay.RingState, _offload?.State ?? _noOffload);
            if (tunnel.Up)
                DeviceReady?.Invoke(index);
            return tunnel;
        }
        catch
        {
            sockets?.Dispose();
            port.Dispose();
            throw;
        }
    });

    /// <inheritdoc/>
    public Task ChangeAsync(Tunnel tunnel, TunnelParameters parameters) => _worker.InvokeAsync(() =>
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        // The new sockets first: what the two have in common stays open, and no packet is lost.
        var sockets = _underlay.Open(parameters);
        _engine.Change(tunnel, parameters);
        tunnel.SourcePorts = sockets.SourcePorts;
        if (_devices.TryGetValue(tunnel.Index, out var device))
            device.Exchange(sockets);
        else
            sockets.Dispose();
        _offload?.Review();
    });

    /// <inheritdoc/>
    public Task RemoveAsync(Tunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        return _worker.InvokeAsync(() => Remove(tunnel.Index));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _worker.InvokeAsync(() =>
        {
            foreach (var index in _devices.Keys.ToArray())
                Remove(index);
        }).ConfigureAwait(false);
        _worker.Dispose();
        _offload?.Dispose();
        _watch.Dispose();
        _underlay.Dispose();
        _engine.Dispose();
        _netlink.Dispose();
        _fromDevices.Dispose();
        _toDevices.Dispose();
    }

    private TunDevice Attach(string name, TunnelParameters parameters) => TunDevice.Open(name, new()
    {
        Open = TunOpenMode.Attach,
        Mode = TunnelModes.CarriesFrames(parameters.Mode) ? TunMode.Tap : TunMode.Tun,
        PacketInformation = TunnelModes.CarriesAnything(parameters),
        VnetHeader = true,
        Offloads = _options.Offloads,
    });

    private void StartUpkeep()
    {
        WorkerTimer? timer = null;
        timer = _worker.AddTimer(() =>
        {
            _engine.SolicitRouters();
            _underlay.JoinGroups();
            timer!.Set(s_upkeep);
        });
        timer.Set(s_upkeep);
    }

    private void Run(Action action) => _worker.InvokeAsync(action).GetAwaiter().GetResult();

    private void Remove(int index)
    {
        if (!_devices.Remove(index, out var device))
            return;
        _offload?.Remove(device.Tunnel);
        device.Dispose();
    }

    private void OnDeviceFault(Tunnel tunnel, Exception fault)
    {
        if (fault is not PortClosedException)
            _log.Write($"{tunnel.Name}: {fault.Message}");
        Remove(tunnel.Index);
        DeviceGone?.Invoke(tunnel.Index);
    }

    private void OnLinkChanged(Link link)
    {
        if (!_devices.TryGetValue(link.Index, out var device))
            return;
        var (renamed, ready) = (device.Tunnel.Name != link.Name, !device.Tunnel.Up && link.IsUp);
        Follow(device.Tunnel, link, device.Offloads);
        if (renamed)
            DeviceRenamed?.Invoke(link.Index, link.Name);
        if (ready)
            DeviceReady?.Invoke(link.Index);
    }

    private void OnLinkRemoved(int index)
    {
        if (!_devices.ContainsKey(index))
            return;
        Remove(index);
        DeviceGone?.Invoke(index);
    }

    // Events were lost: look at what there is.
    private void Resynchronise()
    {
        Dictionary<int, Link> links;
        try
        {
            links = _netlink.Links.List().ToDictionary(link => link.Index);
        }
        catch (LinuxException fault)
        {
            _log.Write(fault.Message);
            return;
        }
        foreach (var index in _devices.Keys.ToArray())
            if (links.TryGetValue(index, out var link))
                OnLinkChanged(link);
            else
                OnLinkRemoved(index);
    }

    private void Follow(Tunnel tunnel, Link link, TunOffloads granted)
    {
        tunnel.Name = link.Name;
        tunnel.Up = link.IsUp;
        tunnel.Coalescing = new(link.Mtu, Tcp: _options.Gro, Udp: _options.Gro && granted.HasFlag(TunOffloads.Uso));
    }
}
