using Qanat.Daemon.Devices;
using Qanat.Packets;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Control;

/// <summary>
/// The MTU of a tunnel's device: that of the way to the remote end, less all that is put in front of an inner packet
/// (ip_tunnel_bind_dev, ipip6_tunnel_bind_dev, ip6_tnl_link_config, ip6gre_tnl_link_config, vxlan_config_apply, l2tp_eth_adjust_mtu).
/// </summary>
internal static class TunnelMtu
{
    private const int EthernetMtu = 1500, MaximumMtu = 65535;
    private const int EncapLimitOption = 8, GueRemoteChecksum = 8; // which the kernel leaves room for, sent or not
    private const int Vti6Unrouted = 72; // the kernel leaves room for a link-layer header while it knows no way

    /// <summary>The MTU that a new tunnel's device starts with, in bytes.</summary>
    public static int For(TunnelParameters parameters, ITunnelDevices devices)
    {
        var overhead = Overhead(parameters);
        if (parameters.Mode == TunnelMode.Vxlan) // a network has many far ends: only the device that it is bound to counts
            return parameters.Link == 0 ? EthernetMtu : Math.Max(Underlay(parameters.Link, devices) - overhead, IPv4Header.MinimumMtu);
        if (Routed(parameters, devices) is { } way)
            return Math.Max(way - overhead, Minimum(parameters.Mode));
        return parameters.Mode == TunnelMode.Vti6 ? EthernetMtu - Vti6Unrouted : EthernetMtu - overhead;
    }

    /// <summary>The MTU that a change gives the device; 0 when it stays.</summary>
    /// <param name="current">What was set.</param>
    /// <param name="wanted">What is to be set.</param>
    /// <param name="mtu">The device's MTU now.</param>
    /// <param name="devices">Where the way to the remote end is asked for.</param>
    public static int ForChange(TunnelParameters current, TunnelParameters wanted, int mtu, ITunnelDevices devices)
    {
        var next = mtu;
        if (wanted.Mode is TunnelMode.Vxlan or TunnelMode.L2tp)
            return 0;
        if (ModeFacts.Of(wanted.Mode).OverIPv6 == true) // with every change, where there is a way (ip6_tnl_change)
            next = Routed(wanted, devices) is null ? mtu : For(wanted, devices);
        else if ((wanted.Link, wanted.Mark, wanted.Encap) != (current.Link, current.Mark, current.Encap)) // ip_tunnel_update
            next = For(wanted, devices);
        else if (wanted.Mode is TunnelMode.Gre or TunnelMode.Gretap) // ipgre_link_update
            next = Math.Max(mtu - (Overhead(wanted) - Overhead(current)), IPv4Header.MinimumMtu);
        return next == mtu ? 0 : next;
    }

    /// <summary>The least MTU of a mode's device.</summary>
    public static int Minimum(TunnelMode mode) => mode switch
    {
        TunnelMode.Sit or TunnelMode.Isatap or TunnelMode.Ip6ip6 or TunnelMode.Ipip6 or TunnelMode.Ip6any or TunnelMode.Ip6gre or
            TunnelMode.Ip6gretap or TunnelMode.Vti6 => IPv6Header.MinimumMtu,
        _ => IPv4Header.MinimumMtu,
    };

    /// <summary>Bytes that stand in front of an inner packet.</summary>
    public static int Overhead(TunnelParameters parameters) =>
        (TunnelKey.IsOverIPv6(parameters) ? IPv6Header.Size : IPv4Header.MinSize) + TunnelModes.HeaderLength(parameters) +
        (HasEncapLimit(parameters) ? EncapLimitOption : 0) + (parameters.Encap is { RemoteChecksum: true } ? GueRemoteChecksum : 0) +
        (ModeFacts.Of(parameters.Mode).IsTap ? EthernetHeader.MinSize : 0);

    private static bool HasEncapLimit(TunnelParameters parameters) =>
        parameters.IPv6.EncapLimit is not null && parameters.Mode is
            TunnelMode.Ip6ip6 or TunnelMode.Ipip6 or TunnelMode.Ip6any or TunnelMode.Ip6gre or TunnelMode.Ip6gretap;

    // The MTU of the device that leads to the remote end, else of the one the tunnel is bound to; null when there is neither.
    private static int? Routed(TunnelParameters parameters, ITunnelDevices devices)
    {
        if (ModeFacts.Of(parameters.Mode).OverIPv6 == true && (parameters.Local.IsAny || parameters.Remote.IsAny))
            return null; // such a tunnel chooses its way packet by packet (ip6_tnl_get_cap)
        var way = parameters.Remote.IsAny ? 0 : devices.RouteDevice(parameters);
        if (way == 0 && ModeFacts.Of(parameters.Mode).OverIPv6 != true)
            way = parameters.Link;
        return way == 0 ? null : Underlay(way, devices);
    }

    private static int Underlay(int link, ITunnelDevices devices) => Math.Min(devices.Find(link)?.Mtu ?? EthernetMtu, MaximumMtu);
}
