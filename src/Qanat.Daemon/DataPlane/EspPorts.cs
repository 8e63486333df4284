using Qanat.Ipsec;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The UDP ports of ESP in UDP (RFC 3948), which follow the states: the local port of each that has <c>encap espinudp</c> is open
/// as long as such a state is there. One that is taken is tried again until it is free. Belongs to the worker.
/// </summary>
/// <param name="ports">What opens them.</param>
/// <param name="isLocal">Whether an address is this host's own.</param>
/// <param name="log">Where a port that cannot be opened is told, once.</param>
internal sealed class EspPorts(UdpPorts ports, Func<IpAddress, bool> isLocal, DaemonLog log)
{
    private readonly HashSet<(bool IsIPv6, ushort Port)> _open = [], _refused = [], _wanted = [];

    /// <summary>Opens what the states want, and closes what none wants any more.</summary>
    public void Follow(SecurityAssociationDatabase states)
    {
        _wanted.Clear();
        foreach (var state in states.States)
            if (state.Parameters.Encapsulation is { } encapsulation)
                _wanted.Add((state.Parameters.Destination.IsIPv6, LocalPort(state.Parameters, encapsulation)));
        foreach (var port in _open.Except(_wanted).ToArray())
            Close(port);
        _refused.IntersectWith(_wanted);
        foreach (var port in _wanted.Except(_open).ToArray())
            TryOpen(port);
    }

    // A state of arriving packets has our port for their destination, one of leaving packets for their source.
    private ushort LocalPort(SecurityAssociationParameters state, UdpEncapsulation encapsulation) =>
        isLocal(state.Destination) ? encapsulation.DestinationPort : encapsulation.SourcePort;

    private void TryOpen((bool IsIPv6, ushort Port) port)
    {
        var endpoint = EndpointOf(port);
        try
        {
            ports.Open(endpoint);
        }
        catch (LinuxException fault)
        {
            if (_refused.Add(port))
                log.Write($"ESP in UDP: port {port.Port} cannot be opened, and is tried again: {fault.Message}");
            return;
        }
        try
        {
            ports.Senders(port.IsIPv6).Open();
        }
        catch
        {
            ports.Close(endpoint);
            throw;
        }
        _open.Add(port);
        if (_refused.Remove(port))
            log.Write($"ESP in UDP: port {port.Port} is open now");
    }

    private void Close((bool IsIPv6, ushort Port) port)
    {
        _open.Remove(port);
        ports.Senders(port.IsIPv6).Close();
        ports.Close(EndpointOf(port));
    }

    private static UdpEndpoint EndpointOf((bool IsIPv6, ushort Port) port) =>
        new(IpAddress.Any(port.IsIPv6), port.Port, new(UdpServiceKind.Esp));
}
