using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>A UDP port of this host where tunnels receive.</summary>
/// <param name="Address">The address that it is bound to, or any of its IP version.</param>
/// <param name="Port">The port.</param>
/// <param name="Service">What arrives there.</param>
/// <param name="Link">Index of the device that it is bound to; 0 for none.</param>
/// <param name="AcceptZeroChecksum">Whether IPv6 datagrams may come without a checksum.</param>
internal readonly record struct UdpEndpoint(
    IpAddress Address, ushort Port, UdpService Service, int Link = 0, bool AcceptZeroChecksum = false)
{
    /// <summary>What two that share a socket have in common.</summary>
    public (IpAddress Address, ushort Port, int Link) Key => (Address, Port, Link);

    /// <summary>The port that a tunnel receives at by itself; null for none.</summary>
    public static UdpEndpoint? Of(TunnelParameters parameters)
    {
        if (parameters.Vxlan is { } vxlan)
        {
            var any = IpAddress.Any(parameters.Local.IsIPv6 || parameters.Remote.IsIPv6);
            return new(any, vxlan.Port, new(UdpServiceKind.Vxlan), AcceptZeroChecksum: vxlan.NoChecksum6Rx);
        }
        return parameters.L2tp is { OverUdp: true } l2tp ? new(parameters.Local, l2tp.SourcePort, new(UdpServiceKind.L2tp)) : null;
    }

    /// <summary>
    /// The source ports that a tunnel may send from, other than those where it receives, and the one above them; null when the choice
    /// is ours.
    /// </summary>
    public static (int Min, int Max)? SourcePortsOf(TunnelParameters parameters) => parameters switch
    {
        { Encap.SourcePort: > 0 and var port } => (port, port + 1),
        { Vxlan: { HasSourcePorts: true } vxlan } => (vxlan.SourcePortMin, vxlan.SourcePortMax),
        _ => null,
    };

    /// <summary>Whether a tunnel's packets travel in UDP.</summary>
    public static bool IsNeededBy(TunnelParameters parameters) =>
        parameters.Vxlan is not null || parameters.L2tp is { OverUdp: true } || parameters.Encap is not null;
}
