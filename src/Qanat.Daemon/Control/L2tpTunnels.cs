using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control;

/// <summary>L2TP's tunnels in users' words.</summary>
internal static class L2tpTunnels
{
    /// <summary>Checks a tunnel, and writes it in the one way that it is kept in.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense.</exception>
    public static L2tpTunnel Normalize(string operation, L2tpTunnel tunnel)
    {
        if (tunnel.TunnelId == 0 || tunnel.PeerTunnelId == 0)
            throw Bad("tunnelId and peerTunnelId: a number above 0 is expected");
        if (tunnel.Encap is not ("udp" or "ip"))
            throw Bad($"encap: udp or ip is expected rather than \"{tunnel.Encap}\"");
        if (!IpAddress.TryParse(tunnel.Local, out var local) || !IpAddress.TryParse(tunnel.Remote, out var remote) ||
            local.IsIPv6 != remote.IsIPv6)
            throw Bad("local and remote: two addresses of one family are expected");
        var udp = tunnel.Encap == "udp";
        if (udp && (tunnel.SourcePort is < 1 or > ushort.MaxValue || tunnel.DestinationPort is < 1 or > ushort.MaxValue))
            throw Bad("sourcePort and destinationPort: 1 to 65535 are expected");
        return tunnel with
        {
            Local = local.ToString(),
            Remote = remote.ToString(),
            SourcePort = udp ? tunnel.SourcePort : 0,
            DestinationPort = udp ? tunnel.DestinationPort : 0,
        };

        LinuxException Bad(string why) => new(operation, Errno.EINVAL, why);
    }

    /// <summary>Our address of a tunnel that is kept.</summary>
    public static IpAddress Local(L2tpTunnel tunnel) => IpAddress.TryParse(tunnel.Local, out var local) ? local : default;
}
