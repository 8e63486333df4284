using Qanat.Linux;
using Qanat.Linux.Events;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// The UDP sockets under a WireGuard interface: one an IP version, both on the same port. A host without IPv6 has but the one.
/// Belongs to the worker.
/// </summary>
/// <param name="worker">Whose events they are.</param>
/// <param name="options">What the sockets have in common.</param>
/// <param name="received">Takes what arrived: payloads, which may be super-packets, and where each came from.</param>
/// <param name="failed">Hears that a socket failed; it is not listened to any more.</param>
internal sealed class UdpWire(Worker worker, UdpOptions options, UdpWire.Consumer received, Action<Exception> failed) : IWire, IDisposable
{
    // How often another port is drawn when the one that is free over IPv4 is taken over IPv6.
    private const int Draws = 100;

    private readonly PacketBatch _batch = new();
    private readonly Endpoint[] _sources = new Endpoint[PacketBatch.DefaultCapacity];
    private Listener? _ipv4, _ipv6;

    /// <summary>Takes datagrams off the wire.</summary>
    public delegate void Consumer(PacketBatch datagrams, ReadOnlySpan<Endpoint> sources);

    /// <summary>The port that is listened on, or will be: before the first time it may be 0, for one that is free.</summary>
    public ushort Port { get; private set; }

    /// <summary>The mark of what leaves (SO_MARK); 0 for none.</summary>
    public uint Mark { get; set; }

    /// <summary>Whether the sockets are open.</summary>
    public bool IsOpen => _ipv4 is not null;

    /// <summary>Opens the sockets.</summary>
    /// <exception cref="LinuxException">EADDRINUSE and others: nothing is open.</exception>
    public void Open() => Replace(Port);

    /// <summary>Takes another port. Open sockets give way to new ones, whatever still waits in them being lost.</summary>
    /// <param name="port">In host byte order; 0 for one that is free.</param>
    /// <exception cref="LinuxException">EADDRINUSE and others: all is as it was.</exception>
    public void Move(ushort port)
    {
        if (IsOpen && port != Port)
            Replace(port);
        else
            Port = port;
    }

    /// <summary>Closes the sockets; the port stays the one to be opened.</summary>
    public void Close()
    {
        _ipv4?.Dispose();
        _ipv6?.Dispose();
        (_ipv4, _ipv6) = (null, null);
    }

    /// <inheritdoc/>
    public void Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
    {
        for (var i = 0; i < datagrams.Count; i++)
            OuterHeaders.Write(datagrams, i, endpoints[i], Port, Mark);
        for (int first = 0, next; first < datagrams.Count; first = next)
        {
            var isIPv6 = endpoints[first].Address.IsIPv6;
            for (next = first + 1; next < datagrams.Count && endpoints[next].Address.IsIPv6 == isIPv6;)
                next++;
            (isIPv6 ? _ipv6 : _ipv4)?.Socket.Send(datagrams, first, next - first);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _batch.Dispose();
    }

    private void Replace(ushort port)
    {
        var (ipv4, ipv6) = OpenPair(port);
        Close();
        (_ipv4, _ipv6) = (Listen(ipv4), ipv6 is null ? null : Listen(ipv6));
        Port = ipv4.Port;
    }

    private (UdpSocket IPv4, UdpSocket? IPv6) OpenPair(ushort port)
    {
        for (var draw = 1; ; draw++)
        {
            var ipv4 = UdpSocket.Open(options with { Port = port });
            try
            {
                return (ipv4, UdpSocket.Open(options with { Address = IpAddress.Any(isIPv6: true), Port = ipv4.Port }));
            }
            catch (LinuxException fault) when (fault.Error == Errno.EAFNOSUPPORT)
            {
                return (ipv4, null);
            }
            catch (LinuxException fault)
            {
                ipv4.Dispose();
                if (fault.Error != Errno.EADDRINUSE || port != 0 || draw == Draws)
                    throw;
            }
        }
    }

    private Listener Listen(UdpSocket socket)
    {
        socket.ReceiveLimit = WireGuardInterface.BatchLength;
        var listener = new Listener(this, socket);
        listener.Registration = worker.Register(socket.Handle, listener);
        return listener;
    }

    private void Receive(UdpSocket socket)
    {
        _batch.Clear();
        if (socket.Receive(_batch) == 0)
            return;
        for (var i = 0; i < _batch.Count; i++)
            _sources[i] = OuterHeaders.Strip(_batch, i);
        received(_batch, _sources);
    }

    private void Fail(Exception fault) => failed(fault);

    private sealed class Listener(UdpWire wire, UdpSocket socket) : IEventHandler, IDisposable
    {
        public UdpSocket Socket => socket;

        public WorkerRegistration? Registration { private get; set; }

        public void OnReady(Readiness ready) => wire.Receive(socket);

        public void OnFault(Exception fault) => wire.Fail(fault);

        public void Dispose()
        {
            Registration?.Dispose();
            socket.Dispose();
        }
    }
}
