using Qanat.Linux.Events;
using Qanat.Linux.Netlink;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.DataPlane;

/// <summary>The sockets under the tunnels: outer packets in and out, ICMP errors in and out. Belongs to the worker.</summary>
internal sealed class Underlay : IDisposable
{
    private readonly RawIpSocket _icmp = RawIpSocket.Open(new()
    {
        Protocol = RawIpOptions.IPPROTO_ICMP,
        ErrorsAbout = [.. TunnelModes.All.SelectMany(TunnelModes.Receives).Distinct().Select(protocol => (byte)protocol)],
        ReceiveLink = true,
    });
    private readonly RawIpSocket _reporter = RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, BufferLength = 1 << 18 });
    private readonly PacketBatch _received = new(), _sending = new();
    private readonly PacketBatch _reporting = new(capacity: 64, size: 1 << 17), _errors = new(capacity: 64);
    private readonly WirePort _wire;
    private Listeners<IpProtocol>? _listeners;

    public Underlay(RouteNetlink netlink, RouteCache routes, bool usePacketRing, DaemonLog log)
    {
        _wire = new(new NextHops(netlink, routes, TimeProvider.System), usePacketRing, log);
        Wire = new(_wire, _sending);
        Errors = new(_reporter, _reporting);
    }

    /// <summary>The way out for outer packets.</summary>
    public PacketQueue Wire { get; }

    /// <summary>The way out for ICMP errors.</summary>
    public PacketQueue Errors { get; }

    /// <summary>Whether the ring is in use, for people. May be read on any thread.</summary>
    public string RingState => _wire.RingState;

    /// <summary>Begins to receive, on the worker's thread.</summary>
    public void Start(Worker worker, TunnelEngine engine)
    {
        _wire.Start(worker);
        worker.Register(_icmp.Handle, new Receiver(_icmp, _errors, engine.FromIcmp));
        _listeners = new(worker, _received, engine.FromWire,
            protocol => RawIpSocket.Open(new() { Protocol = (byte)protocol, ReceiveLink = true }));
    }

    /// <summary>Has the sockets open that a tunnel of <paramref name="mode"/> receives by.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">One could not be opened; none is kept then.</exception>
    public void Open(TunnelMode mode)
    {
        var opened = 0;
        try
        {
            foreach (var protocol in TunnelModes.Receives(mode))
            {
                _listeners!.Open(protocol);
                opened++;
            }
        }
        catch
        {
            foreach (var protocol in TunnelModes.Receives(mode).Take(opened))
                _listeners!.Close(protocol);
            throw;
        }
    }

    /// <summary>Lets go of them.</summary>
    public void Close(TunnelMode mode)
    {
        foreach (var protocol in TunnelModes.Receives(mode))
            _listeners!.Close(protocol);
    }

    public void Dispose()
    {
        _listeners?.Dispose();
        _wire.Dispose();
        _icmp.Dispose();
        _reporter.Dispose();
        foreach (var batch in (ReadOnlySpan<PacketBatch>)[_received, _sending, _reporting, _errors])
            batch.Dispose();
    }
}
