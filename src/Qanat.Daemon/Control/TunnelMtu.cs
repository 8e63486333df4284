using Qanat.Daemon.Devices;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>The MTU that a tunnel's device starts with (net/ipv4/ip_tunnel.c: ip_tunnel_bind_dev).</summary>
internal static class TunnelMtu
{
    private const int EthernetMtu = 1500, MaximumMtu = 65535, MinimumMtu = 68;

    /// <summary>
    /// That of the device which leads to the remote end, else of the device it is bound to, else of Ethernet; less the
    /// outer header. Bytes.
    /// </summary>
    public static int For(TunnelParameters parameters, ITunnelDevices devices)
    {
        var underlay = parameters.Remote.IsAny ? 0 : devices.RouteDevice(parameters);
        if (underlay == 0)
            underlay = parameters.Link;
        var mtu = (underlay == 0 ? null : devices.Find(underlay))?.Mtu ?? EthernetMtu;
        return Math.Max(Math.Min(mtu, MaximumMtu) - IPv4Header.MinSize, MinimumMtu);
    }
}
