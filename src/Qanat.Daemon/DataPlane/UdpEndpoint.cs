using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.DataPlane;

/// <summary>A UDP port of this host that tunnels use.</summary>
/// <param name="Address">The address that it is bound to, or any of its IP version.</param>
/// <param name="Port">The port.</param>
/// <param name="Service">What arrives there; null for a port that is only sent from.</param>
/// <param name="Link">Index of the device that it is bound to; 0 for none.</param>
/// <param name="AcceptZeroChecksum">Whether IPv6 datagrams may come without a checksum.</param>
internal readonly record struct UdpEndpoint(
    IpAddress Address, ushort Port, UdpService? Service, int Link = 0, bool AcceptZeroChecksum = false)
{
    /// <summary>What two that share a socket have in common.</summary>
    public (IpAddress Address, ushort Port, int Link) Key => (Address, Port, Link);

    /// <summary>The port that a tunnel needs for itself; null when it needs none, or leaves the choice to us.</summary>
    public static UdpEndpoint? Of(TunnelParameters parameters)
    {
        var any = IpAddress.Any(parameters.Local.IsIPv6 || parameters.Remote.IsIPv6);
        if (parameters.Vxlan is { } vxlan)
            return new(any, vxlan.Port, new(UdpServiceKind.Vxlan), AcceptZeroChecksum: vxlan.NoChecksum6Rx);
        if (parameters.L2tp is { OverUdp: true } l2tp)
            return new(parameters.Local, l2tp.SourcePort, new(UdpServiceKind.L2tp));
        // The receiving side may come to share the port, and takes what has no checksum.
        return parameters.Encap is { SourcePort: not 0 } encap ? new(any, encap.SourcePort, null, AcceptZeroChecksum: true) : null;
    }

    /// <summary>Whether a tunnel's packets travel in UDP.</summary>
    public static bool IsNeededBy(TunnelParameters parameters) =>
        parameters.Vxlan is not null || parameters.L2tp is { OverUdp: true } || parameters.Encap is not null;
}
