using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>The modes there are. A new one is a file beside this one and a line here.</summary>
public static class TunnelModes
{
    private static readonly Ipip s_ipipAny = new(carriesMpls: true);
    private static readonly Sit s_sitAny = new(ipv4: true), s_sitIPv4 = new(ipv4: true, ipv6: false);
    private static readonly Vxlan s_vxlanOverIPv6 = new(isOverIPv6: true);
    private static readonly L2tp s_l2tpOverUdp = new(isOverIPv6: false, overUdp: true);
    private static readonly L2tp s_l2tpOverUdp6 = new(isOverIPv6: true, overUdp: true);
    private static readonly L2tp s_l2tpOverIPv6 = new(isOverIPv6: true, overUdp: false);

    private static readonly Dictionary<TunnelMode, Mode> s_modes = new()
    {
        [TunnelMode.Ipip] = new Ipip(),
        [TunnelMode.Gre] = new Gre("gre", TunnelGroup.Gre, carriesFrames: false),
        [TunnelMode.Gretap] = new Gre("gretap", TunnelGroup.Gretap, carriesFrames: true),
        [TunnelMode.Sit] = new Sit(),
        [TunnelMode.Isatap] = new Isatap(),
        [TunnelMode.Minimal] = new Minimal(),
        [TunnelMode.Ip6ip6] = new Ip6tnl("ip6ip6", ipv4: false, ipv6: true),
        [TunnelMode.Ipip6] = new Ip6tnl("ipip6", ipv4: true, ipv6: false),
        [TunnelMode.Ip6any] = new Ip6tnl("ip6any", ipv4: true, ipv6: true),
        [TunnelMode.Ip6gre] = new Ip6gre("ip6gre", TunnelGroup.Ip6gre, carriesFrames: false),
        [TunnelMode.Ip6gretap] = new Ip6gre("ip6gretap", TunnelGroup.Ip6gretap, carriesFrames: true),
        [TunnelMode.Vti] = new Vti("vti", TunnelGroup.Vti, isOverIPv6: false),
        [TunnelMode.Vti6] = new Vti("vti6", TunnelGroup.Vti6, isOverIPv6: true),
        [TunnelMode.Vxlan] = new Vxlan(isOverIPv6: false),
        [TunnelMode.L2tp] = new L2tp(isOverIPv6: false, overUdp: false),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<TunnelMode> All => s_modes.Keys;

    /// <summary>What <paramref name="mode"/> does where a tunnel says nothing more.</summary>
    internal static Mode Get(TunnelMode mode) => s_modes[mode];

    /// <summary>
    /// What a tunnel does: its mode, over the IP version of its addresses, with the inner protocols that were asked for, and in UDP if
    /// it says so.
    /// </summary>
    internal static Mode Of(TunnelParameters parameters)
    {
        var isIPv6 = parameters.Local.IsIPv6 || parameters.Remote.IsIPv6;
        Mode mode = (parameters.Mode, isIPv6, parameters.L2tp?.OverUdp) switch
        {
            (TunnelMode.Vxlan, true, _) => s_vxlanOverIPv6,
            (TunnelMode.L2tp, false, true) => s_l2tpOverUdp,
            (TunnelMode.L2tp, true, true) => s_l2tpOverUdp6,
            (TunnelMode.L2tp, true, _) => s_l2tpOverIPv6,
            _ => (parameters.Mode, parameters.Inner) switch
            {
                (TunnelMode.Ipip, InnerProtocol.Any) => s_ipipAny,
                (TunnelMode.Sit, InnerProtocol.Any) => s_sitAny,
                (TunnelMode.Sit, InnerProtocol.IPv4) => s_sitIPv4,
                _ => Get(parameters.Mode),
            },
        };
        return FooOverUdp.Around(mode, parameters.Encap);
    }

    /// <summary>The words of all modes, for people.</summary>
    public static string Names => string.Join(", ", s_modes.Values.Select(mode => mode.Name));

    /// <summary>Whether the device of <paramref name="mode"/> is a TAP.</summary>
    public static bool CarriesFrames(TunnelMode mode) => Get(mode).CarriesFrames;

    /// <summary>Whether the outer header of a tunnel is one of IPv6.</summary>
    public static bool IsOverIPv6(TunnelParameters parameters) => Of(parameters).IsOverIPv6;

    /// <summary>Bytes between the outer IP header of a tunnel and an inner packet, but for what IPv6 puts there by itself.</summary>
    public static int HeaderLength(TunnelParameters parameters) => Of(parameters).HeaderLength(parameters);

    /// <summary>Whether the device of a tunnel has packets of any protocol, which must be known beside them.</summary>
    public static bool CarriesAnything(TunnelParameters parameters) => Of(parameters).CarriesAnything;

    /// <summary>The outer protocols that packets of <paramref name="mode"/> arrive by where a tunnel says nothing more.</summary>
    public static IReadOnlyList<IpProtocol> Receives(TunnelMode mode) => Get(mode).Receives;

    /// <summary>The outer protocols that packets of a tunnel arrive by.</summary>
    public static IReadOnlyList<IpProtocol> Receives(TunnelParameters parameters) => Of(parameters).Receives;
}
