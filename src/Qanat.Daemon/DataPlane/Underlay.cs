using Qanat.Linux;
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
    // What outer packets may be, those in UDP included: about all of them errors are heard.
    private static readonly byte[] s_protocols =
        [.. TunnelModes.All.SelectMany(TunnelModes.Receives).Append(IpProtocol.Udp).Distinct().Select(protocol => (byte)protocol)];

    private readonly PacketBatch _received = new(), _sending = new();
    private readonly PacketBatch _reporting = new(capacity: 64, size: 1 << 17), _errors = new(capacity: 64);
    private readonly RawIpSocket _icmp =
        RawIpSocket.Open(new() { Protocol = RawIpOptions.IPPROTO_ICMP, ErrorsAbout = s_protocols, ReceiveLink = true });
    private readonly WirePort _wire;
    private readonly OuterPort _outer;
    private readonly ErrorPort _reporter;
    private readonly UdpOptions _sockets;
    private readonly DaemonLog _log;
    private readonly List<Action> _joining = []; // groups that there was no route to
    private Listeners<(IpProtocol Protocol, bool IsIPv6), SocketPort>? _listeners;
    private Listeners<IpProtocol, RawIpv6Socket>? _icmpv6;
    private UdpPorts? _udp;

    public Underlay(RouteNetlink netlink, RouteCache routes, UserDataPlaneOptions options, DaemonLog log)
    {
        _wire = new(new NextHops(netlink, routes, TimeProvider.System), options.PacketRing, log);
        (_sockets, _log) = (options.Sockets, log);
        _outer = new(_wire);
        _reporter = new();
        Wire = new(_outer, _sending);
        Errors = new(_reporter, _reporting);
    }

    /// <summary>The way out for outer packets.</summary>
    public PacketQueue Wire { get; }

    /// <summary>The way out for ICMP errors.</summary>
    public PacketQueue Errors { get; }

    /// <summary>Whether the ring is in use, for people. May be read on any thread.</summary>
    public string RingState => _wire.RingState;

    /// <summary>The UDP ports.</summary>
    public UdpPorts Udp => _udp!;

    /// <summary>Begins to receive, on the worker's thread.</summary>
    public void Start(Worker worker, TunnelEngine engine)
    {
        _wire.Start(worker);
        worker.Register(_icmp.Handle, new Receiver(_icmp, _errors, engine.FromIcmp));
        _listeners = new(worker, _received, engine.FromWire, Open);
        _icmpv6 = new(worker, _errors, engine.FromIcmp, protocol =>
            RawIpv6Socket.Open(new() { Protocol = (byte)protocol, ErrorsAbout = s_protocols, ReceiveLink = true }));
        _outer.Udp = _udp = new(worker, engine, _received, _sockets);
    }

    /// <summary>Has open what a tunnel receives and sends by, until the answer is disposed.</summary>
    /// <exception cref="LinuxException">A socket could not be opened; none is kept then.</exception>
    public Opened Open(TunnelParameters parameters)
    {
        var opened = new Opened();
        try
        {
            var isIPv6 = TunnelModes.IsOverIPv6(parameters);
            if (isIPv6)
            {
                _outer.OpenIPv6();
                _icmpv6!.Open(IpProtocol.Icmpv6);
                opened.Add(() => _icmpv6.Close(IpProtocol.Icmpv6));
            }
            foreach (var protocol in TunnelModes.Receives(parameters))
            {
                var socket = _listeners!.Open((protocol, isIPv6));
                opened.Add(() => _listeners.Close((protocol, isIPv6)));
                // It stays in the group as long as it is open: every socket of a protocol hears of groups that any of them is in.
                if (GroupOf(parameters) is { } joined)
                    Join(opened, joined, () => socket.Join(joined, parameters.Link));
            }
            if (UdpEndpoint.IsNeededBy(parameters))
            {
                var senders = Udp.Senders(isIPv6);
                senders.Open();
                opened.Add(senders.Close);
                if (UdpEndpoint.SourcePortsOf(parameters) is var (min, max))
                {
                    opened.SourcePorts = senders.Take(min, max);
                    opened.Add(() => senders.Release(opened.SourcePorts));
                }
            }
            if (UdpEndpoint.Of(parameters) is not { } endpoint)
                return opened;
            Udp.Open(endpoint);
            opened.Add(() => Udp.Close(endpoint));
            if (GroupOf(parameters) is { } group)
                Join(opened, group, () => Udp.Join(endpoint, group, parameters.Link));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Joins the groups that could not be joined yet. To be called once a second or so.</summary>
    public void JoinGroups() => _joining.RemoveAll(join =>
    {
        try
        {
            return TryJoin(join);
        }
        catch (LinuxException fault)
        {
            _log.Write(fault.Message);
            return true; // What is wrong but the route stays wrong.
        }
    });

    public void Dispose()
    {
        _listeners?.Dispose();
        _icmpv6?.Dispose();
        _udp?.Dispose();
        _outer.Dispose();
        _icmp.Dispose();
        _reporter.Dispose();
        foreach (var batch in (ReadOnlySpan<PacketBatch>)[_received, _sending, _reporting, _errors])
            batch.Dispose();
    }

    // A tunnel may be made before there is a route to its group, as the kernel has it.
    private void Join(Opened opened, IpAddress group, Action join)
    {
        if (TryJoin(join))
            return;
        _log.Write($"the group {group} is joined once there is a route to it");
        _joining.Add(join);
        opened.Add(() => _joining.Remove(join));
    }

    private static bool TryJoin(Action join)
    {
        try
        {
            join();
            return true;
        }
        catch (LinuxException fault) when (fault.Error == Errno.ENODEV)
        {
            return false;
        }
    }

    private static IpAddress? GroupOf(TunnelParameters parameters) => parameters.Remote.IsMulticast ? parameters.Remote : null;

    private static SocketPort Open((IpProtocol Protocol, bool IsIPv6) listening)
    {
        var options = new RawIpOptions { Protocol = (byte)listening.Protocol, ReceiveLink = true };
        return listening.IsIPv6 ? RawIpv6Socket.Open(options) : RawIpSocket.Open(options);
    }

    /// <summary>What was opened, to be closed in the reverse order.</summary>
    public sealed class Opened : IDisposable
    {
        private readonly Stack<Action> _undo = [];

        /// <summary>The UDP source ports, where the tunnel's parameters have a range of them.</summary>
        public IReadOnlyList<ushort> SourcePorts { get; set; } = [];

        public void Add(Action close) => _undo.Push(close);

        public void Dispose()
        {
            while (_undo.TryPop(out var close))
                close();
        }
    }
}
