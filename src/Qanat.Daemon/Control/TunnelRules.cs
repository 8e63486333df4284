using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// Which tunnels may be, by the kernel's rules (net/ipv4/ip_tunnel.c: ip_tunnel_ctl; net/ipv6: sit.c, ip6_tunnel.c, ip6_gre.c, ip6_vti.c).
/// Where the kernel has a fallback device that takes what no other tunnel takes (tunl0), its key is reserved here as well.
/// </summary>
internal static class TunnelRules
{
    /// <summary>Checks a tunnel that is to be made.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST (ENOBUFS: sit, ip6gre, vti6): the same tunnel exists. EINVAL: a multicast remote without what it needs.
    /// </exception>
    public static void CheckAdd(TunnelParameters wanted, KeyClaims claims)
    {
        CheckMulticast("add tunnel", wanted);
        var key = TunnelKey.Of(wanted);
        var clash = ModeFacts.Of(wanted.Mode).Clash;
        if (IsReserved(wanted.Mode, key))
            throw new LinuxException("add tunnel", clash, "local and remote cannot both be any without a device");
        if (claims.IsTaken(key))
            throw new LinuxException("add tunnel", clash, Same(wanted.Mode));
    }

    /// <summary>Checks new parameters for a tunnel that exists.</summary>
    /// <exception cref="LinuxException">
    /// EEXIST: another tunnel has these. EINVAL: another mode, or a point-to-point tunnel would turn into one that is not, or the reverse.
    /// EOPNOTSUPP: a property that VXLAN and L2TP have for life. ENOENT: addresses for the fallback device.
    /// </exception>
    public static void CheckChange(KeptTunnel kept, TunnelParameters wanted, KeyClaims claims)
    {
        var current = kept.Parameters;
        if (wanted.Mode != current.Mode && !(IsIp6Tnl(wanted.Mode) && IsIp6Tnl(current.Mode)))
            throw new LinuxException("change tunnel", Errno.EINVAL, "a tunnel's mode cannot be changed");
        var (before, after) = (TunnelKey.Of(current), TunnelKey.Of(wanted));
        if (kept.IsFallback && !after.IsFallback && !IsIp6Tnl(current.Mode))
            throw new LinuxException("change tunnel", Errno.ENOENT, "the fallback device has neither addresses, nor a device, nor a key");
        CheckMulticast("change tunnel", wanted);
        CheckForLife(current, wanted);
        if (before == after)
            return;
        if (IsReserved(wanted.Mode, after))
            throw new LinuxException("change tunnel", Errno.EEXIST, "local and remote cannot both be any without a device");
        if (claims.IsTaken(after))
            throw new LinuxException("change tunnel", Errno.EEXIST, Same(wanted.Mode));
        CheckShape(current, wanted);
    }

    private static bool IsReserved(TunnelMode mode, TunnelKey key) => ModeFacts.Of(mode).Fallback is not null && key.IsFallback;

    private static bool IsIp6Tnl(TunnelMode mode) => ModeFacts.Of(mode).Table == TunnelTableKind.Ip6Tnl;

    private static string Same(TunnelMode mode) => mode switch
    {
        TunnelMode.Vxlan => "a network with the same identifier and port exists",
        TunnelMode.L2tp => "a session with the same identifier exists",
        TunnelMode.Gre or TunnelMode.Gretap or TunnelMode.Ip6gre or TunnelMode.Ip6gretap =>
            "a tunnel with the same local, remote, input key and device exists",
        _ => "a tunnel with the same local, remote and device exists",
    };

    private static void CheckMulticast(string operation, TunnelParameters wanted)
    {
        if (!wanted.Remote.IsMulticast)
            return;
        if (wanted.Mode == TunnelMode.Vxlan && wanted.Link == 0)
            throw new LinuxException(operation, Errno.EINVAL, "a multicast remote needs a device to be reached by");
        if (ModeFacts.Of(wanted.Mode).OverIPv6 == false && wanted.Local.IsAny)
            throw new LinuxException(operation, Errno.EINVAL, "a broadcast tunnel requires a source address");
    }

    // Over IPv4 a device's IFF_POINTOPOINT follows its first remote, and a change must not alter it. A multicast remote asks for
    // IFF_BROADCAST, which a device that was not made with it cannot get; sit asks for nothing of the kind, Ethernet for neither.
    private static void CheckShape(TunnelParameters current, TunnelParameters wanted)
    {
        var facts = ModeFacts.Of(wanted.Mode);
        if (facts.OverIPv6 != false || facts.IsTap)
            return;
        var broadcast = facts.Table != TunnelTableKind.Sit &&
            (wanted.Remote.IsMulticast || (current.Remote.IsMulticast && current.Mode == TunnelMode.Gre));
        if (broadcast || current.Remote.IsAny != wanted.Remote.IsAny)
            throw new LinuxException("change tunnel", Errno.EINVAL, "a remote address cannot become any or multicast, nor any an address");
    }

    // drivers/net/vxlan/vxlan_core.c: vxlan_nl2conf; net/l2tp/l2tp_netlink.c: l2tp_nl_cmd_session_modify
    private static void CheckForLife(TunnelParameters current, TunnelParameters wanted)
    {
        if (current.Vxlan is { } vxlan && wanted.Vxlan is { } network &&
            vxlan with { InheritTtl = network.InheritTtl, Learning = network.Learning, Ageing = network.Ageing } != network)
            throw new LinuxException("change tunnel", Errno.EOPNOTSUPP,
                "a network's identifier, ports, limit and checksums cannot be changed");
        if (current.L2tp is { } session && wanted.L2tp is { } altered &&
            (session.TunnelId, session.SessionId, session.PeerSessionId) != (altered.TunnelId, altered.SessionId, altered.PeerSessionId))
            throw new LinuxException("change tunnel", Errno.EOPNOTSUPP, "a session's identifiers cannot be changed");
    }
}
