using Qanat.Linux.Events;
using Qanat.Linux.Netlink;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>The sockets under the tunnels: outer packets in and out, ICMP errors in and out.</summary>
internal sealed class Underlay : IDisposable
{
    private readonly RawIpSocket _outer = RawIpSocket.Open(new() { Protocol = (byte)IpProtocol.IpIp, ReceiveLink = true });
    private readonly RawIpSocket _icmp =
        RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMP, ErrorsAbout = [(byte)IpProtocol.IpIp], ReceiveLink = true });
    private readonly RawIpSocket _reporter = RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_RAW, BufferLength = 1 << 18 });
    private readonly PacketBatch _received = new(), _sending = new();
    private readonly PacketBatch _reporting = new(capacity: 64, size: 1 << 17), _errors = new(capacity: 64);
    private readonly WirePort _wire;

    public Underlay(RouteNetlink netlink, RouteCache routes, bool usePacketRing, DaemonLog log)
    {
        _wire = new(_outer, new NextHops(netlink, routes, TimeProvider.System), usePacketRing, log);
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
        worker.Register(_outer.Handle, new Receiver(_outer, _received, engine.FromWire));
        worker.Register(_icmp.Handle, new Receiver(_icmp, _errors, engine.FromIcmp));
    }

    public void Dispose()
    {
        _wire.Dispose();
        _icmp.Dispose();
        _reporter.Dispose();
        foreach (var batch in (ReadOnlySpan<PacketBatch>)[_received, _sending, _reporting, _errors])
            batch.Dispose();
    }

    private sealed class Receiver(IPort port, PacketBatch batch, Action<PacketBatch> consume) : IEventHandler
    {
        public void OnReady(Readiness ready)
        {
            batch.Clear();
            if (port.Receive(batch) > 0)
                consume(batch);
        }

        public void OnFault(Exception fault) => throw new InvalidOperationException("A tunnel's raw socket failed.", fault);
    }
}
