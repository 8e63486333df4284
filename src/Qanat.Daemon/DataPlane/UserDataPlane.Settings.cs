using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <content>What is set beside the tunnels: ports of foo over UDP, forwarding tables.</content>
public sealed partial class UserDataPlane : IFouPlane, IFdbPlane
{
    /// <inheritdoc/>
    public Task OpenAsync(FouPortParameters port) => _worker.InvokeAsync(() => _underlay.Udp.Open(EndpointOf(port)));

    /// <inheritdoc/>
    public Task CloseAsync(FouPortParameters port) => _worker.InvokeAsync(() => _underlay.Udp.Close(EndpointOf(port)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<FdbRecord>> ListAsync(Tunnel tunnel) => _worker.InvokeAsync(() => TunnelEngine.ListForwarding(tunnel));

    /// <inheritdoc/>
    public Task AddAsync(Tunnel tunnel, FdbRecord entry) => _worker.InvokeAsync(() => TunnelEngine.AddForwarding(tunnel, entry));

    /// <inheritdoc/>
    public Task RemoveAsync(Tunnel tunnel, MacAddress address, FdbDestination destination) =>
        _worker.InvokeAsync(() => TunnelEngine.RemoveForwarding(tunnel, address, destination));

    private static UdpEndpoint EndpointOf(FouPortParameters port)
    {
        ArgumentNullException.ThrowIfNull(port);
        var service = port.Type == EncapType.Gue
            ? new UdpService(UdpServiceKind.Gue, 0, port.Peer, port.PeerPort)
            : new UdpService(UdpServiceKind.Fou, (IpProtocol)port.Protocol, port.Peer, port.PeerPort);
        // As the kernel's (net/ipv4/fou_core.c): a sender leaves the checksum out unless it is told otherwise.
        return new(port.Local, port.Port, service, port.Link, AcceptZeroChecksum: true);
    }
}
