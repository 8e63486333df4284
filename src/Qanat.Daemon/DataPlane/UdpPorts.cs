using Qanat.Linux;
using Qanat.Linux.Events;
using Qanat.Linux.Sockets;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The UDP sockets under the tunnels: those that receive, a port each, and for each IP version those that send. All are open as long
/// as some tunnel needs them. Belongs to the worker.
/// </summary>
/// <param name="worker">Whose events they are.</param>
/// <param name="engine">Takes what arrives.</param>
/// <param name="batch">Where it arrives.</param>
/// <param name="options">What they have in common.</param>
internal sealed class UdpPorts(Worker worker, TunnelEngine engine, PacketBatch batch, UdpOptions options) : IDisposable
{
    private readonly Dictionary<(IpAddress Address, ushort Port, int Link), Port> _ports = [];
    private readonly UdpSenders _ipv4 = new(options with { Address = IpAddress.Any(isIPv6: false) });
    private readonly UdpSenders _ipv6 = new(options with { Address = IpAddress.Any(isIPv6: true) });

    /// <summary>Has a port open, once more.</summary>
    /// <exception cref="LinuxException">EADDRINUSE and others: it could not be opened; all is as it was.</exception>
    public void Open(UdpEndpoint endpoint)
    {
        if (!engine.TryOpenPort(endpoint.Address, endpoint.Port, endpoint.Service, endpoint.Link))
            throw new LinuxException($"open UDP port {endpoint.Port}", Errno.EADDRINUSE, "another kind of tunnel receives there");
        try
        {
            if (!_ports.TryGetValue(endpoint.Key, out var port))
                _ports[endpoint.Key] = port = OpenSocket(endpoint);
            port.Users++;
        }
        catch
        {
            engine.ClosePort(endpoint.Address, endpoint.Port, endpoint.Link);
            throw;
        }
    }

    /// <summary>Needs it no more.</summary>
    public void Close(UdpEndpoint endpoint)
    {
        if (!_ports.TryGetValue(endpoint.Key, out var port))
            return;
        engine.ClosePort(endpoint.Address, endpoint.Port, endpoint.Link);
        if (--port.Users > 0)
            return;
        _ports.Remove(endpoint.Key);
        port.Registration.Dispose();
        Senders(endpoint.Address.IsIPv6).Dismiss(port.Socket);
    }

    /// <summary>What sends over an IP version.</summary>
    public UdpSenders Senders(bool isIPv6) => isIPv6 ? _ipv6 : _ipv4;

    /// <summary>Has what comes to a group come in at a port.</summary>
    public void Join(UdpEndpoint endpoint, IpAddress group, int link) =>
        _ports[endpoint.Key].Socket.Join(group, link);

    /// <summary>Closes what is open; the worker has ended by then.</summary>
    public void Dispose()
    {
        _ports.Clear();
        _ipv4.Dispose();
        _ipv6.Dispose();
    }

    private Port OpenSocket(UdpEndpoint endpoint)
    {
        var socket = Senders(endpoint.Address.IsIPv6).Admit(options with
        {
            Address = endpoint.Address,
            Port = endpoint.Port,
            Link = endpoint.Link,
            AcceptZeroChecksum = endpoint.AcceptZeroChecksum,
        });
        return new(socket, worker.Register(socket.Handle, new Receiver(socket, batch, engine.FromWire)));
    }

    private sealed class Port(UdpSocket socket, WorkerRegistration registration)
    {
        public UdpSocket Socket { get; } = socket;

        public WorkerRegistration Registration { get; } = registration;

        public int Users { get; set; }
    }
}
