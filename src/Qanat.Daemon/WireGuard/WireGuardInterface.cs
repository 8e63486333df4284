using System.Buffers;
using Qanat.Crypto;
using Qanat.Daemon.DataPlane;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Daemon.WireGuard.Sight;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// A WireGuard interface that runs: a TUN device on one side, UDP sockets on the other, the engine between, and one worker
/// that does all of it, so that no packet meets a lock; where there are processors enough, others help it to seal and open.
/// What it has no time for waits in the kernel, or is dropped there. As the kernel's it talks to nobody while the device is down.
/// </summary>
internal sealed class WireGuardInterface : IEventHandler, IRunningInterface, IAsyncDisposable
{
    /// <summary>Bytes of super-packets that are sealed, or opened, at once: they and what becomes of them fit into a cache.</summary>
    internal const int BatchLength = 4 * PacketBatch.MaxPacketLength;

    private readonly Worker _worker;
    private readonly TunDevice _tun;
    private readonly WireGuardLog _log;
    private readonly WireGuardObservers _observers;
    private readonly TaskCompletionSource<Exception> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PacketBatch _fromDevice = new();
    private readonly PacketBatch _toDevice = new();
    private readonly RouteNetlink _netlink = new();
    private readonly UdpWire _wire;
    private readonly AeadCrew _crew;
    private readonly WireGuardDevice _device;
    private readonly WireGuardSettings _settings;
    private readonly DeviceWatch _watch;
    private readonly EventFeed _feed;
    private readonly InterfaceReporter _reporter;
    private readonly MtuFollower _mtu;
    private NetworkListener? _addresses;
    private WorkerTimer? _timer;
    private Link? _link;

    /// <summary>Takes over a device, and starts the worker in the network namespace of the calling thread: the sockets are there.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="tun">The device, which is closed with the interface.</param>
    /// <param name="options">What makes it fast.</param>
    /// <param name="log">Hears what happens.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="CryptoException">There is no libcrypto.</exception>
    public WireGuardInterface(string name, TunDevice tun, UserDataPlaneOptions options, WireGuardLog log)
    {
        (Name, _tun, _log, _observers) = (name, tun, log, new(log));
        _feed = new(name, key => NameOf(key), TimeProvider.System);
        _observers.Add(_feed); // for life
        _tun.ReceiveLimit = BatchLength;
        _worker = new("qanat-wireguard");
        _wire = new(_worker, options.Sockets, FromWire, End);
        _crew = new(options.Workers - 1);
        _device = new(_wire, new(tun, _toDevice), Coalescing(options), observer: _observers, crew: _crew);
        var places = new PeerPlaces(_netlink);
        _settings = new(_device, _wire, places);
        _reporter = new(name, _device, _wire, places, key => NameOf(key));
        _watch = new(_worker, tun, Follow, End);
        _mtu = new(tun, _device, log);
        _device.ProbesPaths = options.MtuProbing;
        _device.KeyEncapsulation = PostQuantumKeys.Create(options.PostQuantum);
        _device.FindInnerAddress = _mtu.FindAddress;
        _observers.Add(_mtu);
        _worker.InvokeAsync(Start).GetAwaiter().GetResult();
    }

    public string Name { get; }

    public Func<PublicKey, string?> NameOf { get; set; } = static _ => null;

    /// <summary>Completes when the device was deleted, or something failed that it cannot go on without.</summary>
    public Task<Exception> Gone => _gone.Task;

    public Task ApplyAsync(WireGuardChange change) => _worker.InvokeAsync(() =>
    {
        _settings.Apply(change);
        if (_link is not null)
            Follow(_link); // a port that was taken may be another now
        SetTimer();
    });

    /// <summary>Has the port before the device is up: whoever turns it on is told so when it cannot be had.</summary>
    /// <exception cref="LinuxException">EADDRINUSE and others: the port cannot be had.</exception>
    public Task TakePortAsync() => _worker.InvokeAsync(OpenWire);

    public Task<InterfaceStatus> GetStatusAsync() => _worker.InvokeAsync(_settings.GetStatus);

    /// <summary>The MTU that users want, in bytes; the device's own may be less, where the paths to the peers are narrow.</summary>
    /// <exception cref="LinuxException">The device is gone.</exception>
    public Task<int> GetWantedMtuAsync() => _worker.InvokeAsync(() => _mtu.Wanted);

    public IDisposable Observe(IWireGuardObserver observer) => _observers.Add(observer);

    public void Log(LogLevel level, string text) => _log.Write(level, text);

    /// <summary>Writes how the interface is, as <c>get=1</c> asks for it.</summary>
    public Task WriteStatusAsync(IBufferWriter<byte> output) => _worker.InvokeAsync(() => _settings.WriteStatus(output));

    /// <summary>Says how it and its peers fare, without its keys.</summary>
    public Task<InterfaceReport> ReportAsync() => _worker.InvokeAsync(() => _reporter.Report(_watch.Namespace));

    /// <summary>Begins to listen to what happens; null when too many do already. To be disposed of at the end.</summary>
    public EventListener? Listen() => _feed.Listen();

    public void OnReady(Readiness ready)
    {
        _fromDevice.Clear();
        if (_tun.Receive(_fromDevice) == 0)
            return;
        _device.FromDevice(_fromDevice);
        SetTimer();
    }

    public void OnFault(Exception fault) => End(fault);

    /// <summary>Ends it: the device goes, if it is not persistent, and all keys are wiped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _worker.InvokeAsync(() =>
        {
            _device.Stop();
            _mtu.Apply();
            _wire.Dispose();
            _watch.Dispose();
            _addresses?.Dispose();
        }).ConfigureAwait(false);
        _worker.Dispose();
        _tun.Dispose();
        _device.Dispose();
        _crew.Dispose();
        _netlink.Dispose();
        _fromDevice.Dispose();
        _toDevice.Dispose();
    }

    private CoalescerOptions Coalescing(UserDataPlaneOptions options) => new(
        _tun.Mtu, Tcp: options.Gro, Udp: options.Gro && _tun.Offloads.Granted.HasFlag(TunOffloads.Uso));

    private void Start()
    {
        _timer = _worker.AddTimer(() =>
        {
            _device.Tick();
            SetTimer();
        });
        _addresses = new(_worker, new NetworkMonitor(MonitorGroups.IPv4Addresses | MonitorGroups.IPv6Addresses), HearOfAddress, End);
        _watch.Start();
        _worker.Register(_tun.Handle, this);
    }

    private void FromWire(PacketBatch datagrams, ReadOnlySpan<Endpoint> sources)
    {
        _device.FromWire(datagrams, sources);
        SetTimer();
    }

    private void SetTimer()
    {
        _mtu.Apply();
        if (_device.NextTick is { } due)
            _timer!.Set(due);
        else
            _timer!.Stop();
    }

    private void Follow(Link link)
    {
        _link = link;
        _device.Mtu = link.Mtu;
        _mtu.Follow(link);
        if (link.IsUp && !_device.IsUp)
            GoUp();
        else if (!link.IsUp && _device.IsUp)
            GoDown();
        SetTimer();
    }

    private void GoUp()
    {
        try
        {
            OpenWire();
            _device.Start();
            _log.Verbose($"up, listening on port {_wire.Port}");
            _feed.WentUp(_wire.Port);
        }
        catch (LinuxException fault)
        {
            _log.Error($"talks to nobody: {fault.Message}");
        }
    }

    private void OpenWire()
    {
        if (!_wire.IsOpen)
            _wire.Open();
    }

    private void GoDown()
    {
        _device.Stop();
        _wire.Close();
        _log.Verbose("down");
        _feed.WentDown();
    }

    // Nothing can be sent from an address that is not ours any more.
    private void HearOfAddress(NetworkEvent happened)
    {
        if (happened is AddressRemoved or EventsLost)
            _device.ForgetLocalAddresses();
    }

    private void End(Exception fault) => _gone.TrySetResult(fault);
}
