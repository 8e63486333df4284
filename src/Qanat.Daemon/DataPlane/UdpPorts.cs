using Qanat.Linux;
using Qanat.Linux.Events;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The UDP sockets under the tunnels: those that receive, a port each, and for each IP version a few that send what has its
/// source port by chance. All are open as long as some tunnel needs them. Belongs to the worker.
/// </summary>
internal sealed class UdpPorts(Worker worker, TunnelEngine engine, PacketBatch batch) : IDisposable
{
    private readonly Dictionary<(IpAddress Address, ushort Port, int Link), Port> _ports = [];
    private readonly Pool _ipv4 = new(isIPv6: false), _ipv6 = new(isIPv6: true);

    /// <summary>Has a port open, once more. One that is sent from alone comes to receive when it is asked to.</summary>
    /// <exception cref="LinuxException">EADDRINUSE and others: it could not be opened; all is as it was.</exception>
    public void Open(UdpEndpoint endpoint)
    {
        if (endpoint.Service is { } service && !engine.TryOpenPort(endpoint.Address, endpoint.Port, service))
            throw new LinuxException($"open UDP port {endpoint.Port}", Errno.EADDRINUSE, "another kind of tunnel receives there");
        try
        {
            if (!_ports.TryGetValue(endpoint.Key, out var port))
                _ports[endpoint.Key] = port = OpenSocket(endpoint);
            port.Users++;
        }
        catch
        {
            CloseService(endpoint);
            throw;
        }
    }

    /// <summary>Needs it no more.</summary>
    public void Close(UdpEndpoint endpoint)
    {
        if (!_ports.TryGetValue(endpoint.Key, out var port))
            return;
        CloseService(endpoint);
        if (--port.Users > 0)
            return;
        _ports.Remove(endpoint.Key);
        PoolOf(endpoint).Remove(port.Socket);
        port.Dispose();
    }

    /// <summary>Has the sockets open that send over an IP version, once more.</summary>
    /// <exception cref="Qanat.Linux.LinuxException">They could not be opened.</exception>
    public void OpenSenders(bool isIPv6) => PoolOf(isIPv6).Open();

    /// <summary>Needs them no more.</summary>
    public void CloseSenders(bool isIPv6) => PoolOf(isIPv6).Close();

    /// <summary>Has what comes to a group come in at a port.</summary>
    public void Join(UdpEndpoint endpoint, IpAddress group, int link) =>
        _ports[endpoint.Key].Socket.Join(group, link);

    /// <summary>Sends a run of packets of one IP version.</summary>
    /// <returns>How many were taken.</returns>
    public int Send(PacketBatch packets, int first, int count, bool isIPv6) => PoolOf(isIPv6).Send(packets, first, count);

    public void Dispose()
    {
        foreach (var port in _ports.Values)
            port.Dispose();
        _ports.Clear();
        _ipv4.Dispose();
        _ipv6.Dispose();
    }

    private Port OpenSocket(UdpEndpoint endpoint)
    {
        var socket = UdpSocket.Open(new()
        {
            Address = endpoint.Address,
            Port = endpoint.Port,
            Link = endpoint.Link,
            AcceptZeroChecksum = endpoint.AcceptZeroChecksum,
        });
        PoolOf(endpoint).Add(socket);
        return new(socket, worker.Register(socket.Handle, new Receiver(socket, batch, engine.FromWire)));
    }

    private void CloseService(UdpEndpoint endpoint)
    {
        if (endpoint.Service is not null)
            engine.ClosePort(endpoint.Address, endpoint.Port);
    }

    private Pool PoolOf(UdpEndpoint endpoint) => PoolOf(endpoint.Address.IsIPv6);

    private Pool PoolOf(bool isIPv6) => isIPv6 ? _ipv6 : _ipv4;

    private sealed class Port(UdpSocket socket, WorkerRegistration registration) : IDisposable
    {
        public UdpSocket Socket { get; } = socket;

        public int Users { get; set; }

        public void Dispose()
        {
            registration.Dispose();
            Socket.Dispose();
        }
    }

    private sealed class Pool(bool isIPv6) : IDisposable
    {
        private readonly List<UdpSocket> _listeners = [];
        private UdpPortPool? _sockets;
        private int _users;

        public void Open()
        {
            if (_sockets is null)
            {
                _sockets = UdpPortPool.Open(new() { Address = IpAddress.Any(isIPv6) });
                _listeners.ForEach(_sockets.Add);
            }
            _users++;
        }

        public void Close()
        {
            if (--_users > 0)
                return;
            _sockets?.Dispose();
            _sockets = null;
        }

        public void Add(UdpSocket listener)
        {
            _listeners.Add(listener);
            _sockets?.Add(listener);
        }

        public void Remove(UdpSocket listener)
        {
            _listeners.Remove(listener);
            _sockets?.Remove(listener);
        }

        public int Send(PacketBatch packets, int first, int count) => _sockets?.Send(packets, first, count) ?? 0;

        public void Dispose() => _sockets?.Dispose();
    }
}
