using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>The tables in which the kernel looks for tunnels that are the same, one a module and kind of device.</summary>
internal enum TunnelTableKind
{
    Ipip,
    Gre,
    Gretap,
    Sit,
    Vti,
    Minimal,
    Ip6Tnl,
    Ip6Gre,
    Ip6Gretap,
    Vti6,
    Vxlan,
    L2tp,
}

/// <summary>What the control plane knows of a mode: the words and devices of the kernel's own.</summary>
/// <param name="Word">The mode's word in descriptions.</param>
/// <param name="Table">Where tunnels that are the same are looked for.</param>
/// <param name="Prefix">What the names of unnamed devices begin with.</param>
/// <param name="LinkType">The device's ARPHRD_ number; null for Ethernet, whose devices are TAPs.</param>
/// <param name="Fallback">The device that takes what no other tunnel takes; null when the kernel has none.</param>
/// <param name="OverIPv6">Whether the outer header is IPv6's; null when the addresses say so.</param>
/// <param name="Clash">What the kernel answers to a second tunnel of the same parameters, or a taken name.</param>
/// <param name="BadName">What it answers to a name that is none.</param>
internal sealed record ModeFacts(
    string Word, TunnelTableKind Table, string Prefix, ushort? LinkType, string? Fallback = null, bool? OverIPv6 = false,
    int Clash = Errno.EEXIST, int BadName = Errno.E2BIG)
{
    // In the order of TunnelMode. sit, ip6gre and vti6 answer ENOBUFS to all that keeps them from making a device
    // (net/ipv6/sit.c: ipip6_tunnel_locate, ip6_gre.c: ip6gre_tunnel_locate, ip6_vti.c: vti6_locate).
    private static readonly ModeFacts[] s_facts =
    [
        new("ipip", TunnelTableKind.Ipip, "ipip", TunOptions.ARPHRD_TUNNEL, "tunl0"),
        new("gre", TunnelTableKind.Gre, "gre", TunOptions.ARPHRD_IPGRE, "gre0"),
        new("gretap", TunnelTableKind.Gretap, "gretap", null, "gretap0"),
        new("sit", TunnelTableKind.Sit, "sit", TunOptions.ARPHRD_SIT, "sit0", Clash: Errno.ENOBUFS, BadName: Errno.ENOBUFS),
        new("isatap", TunnelTableKind.Sit, "sit", TunOptions.ARPHRD_SIT, "sit0", Clash: Errno.ENOBUFS, BadName: Errno.ENOBUFS),
        new("vti", TunnelTableKind.Vti, "vti", TunOptions.ARPHRD_TUNNEL, "ip_vti0"),
        new("minimal", TunnelTableKind.Minimal, "minimal", TunOptions.ARPHRD_TUNNEL),
        new("ip6ip6", TunnelTableKind.Ip6Tnl, "ip6tnl", TunOptions.ARPHRD_TUNNEL6, "ip6tnl0", OverIPv6: true),
        new("ipip6", TunnelTableKind.Ip6Tnl, "ip6tnl", TunOptions.ARPHRD_TUNNEL6, "ip6tnl0", OverIPv6: true),
        new("ip6any", TunnelTableKind.Ip6Tnl, "ip6tnl", TunOptions.ARPHRD_TUNNEL6, "ip6tnl0", OverIPv6: true),
        new("ip6gre", TunnelTableKind.Ip6Gre, "ip6gre", TunOptions.ARPHRD_IP6GRE, "ip6gre0", true, Errno.ENOBUFS, Errno.ENOBUFS),
        new("ip6gretap", TunnelTableKind.Ip6Gretap, "ip6gretap", null, OverIPv6: true),
        new("vti6", TunnelTableKind.Vti6, "ip6_vti", TunOptions.ARPHRD_TUNNEL6, "ip6_vti0", true, Errno.ENOBUFS, Errno.ENOBUFS),
        new("vxlan", TunnelTableKind.Vxlan, "vxlan", null, OverIPv6: null),
        new("l2tp", TunnelTableKind.L2tp, "l2tpeth", null, OverIPv6: null),
    ];

    /// <summary>True when the device carries Ethernet frames.</summary>
    public bool IsTap => LinkType is null;

    /// <summary>What is known of <paramref name="mode"/>.</summary>
    public static ModeFacts Of(TunnelMode mode) => s_facts[(int)mode];

    /// <summary>The mode of a word.</summary>
    public static bool TryParse(string? word, out TunnelMode mode)
    {
        var index = Array.FindIndex(s_facts, facts => facts.Word == word);
        mode = (TunnelMode)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>True for the name of any mode's fallback device.</summary>
    public static bool IsFallback(string name) => Array.Exists(s_facts, facts => facts.Fallback == name);
}
