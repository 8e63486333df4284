using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>The modes there are. A new one is a file beside this one and a line here.</summary>
public static class TunnelModes
{
    private static readonly Dictionary<TunnelMode, Mode> s_modes = new()
    {
        [TunnelMode.Ipip] = new Ipip(),
        [TunnelMode.Gre] = new Gre("gre", TunnelGroup.Gre, carriesFrames: false),
        [TunnelMode.Gretap] = new Gre("gretap", TunnelGroup.Gretap, carriesFrames: true),
        [TunnelMode.Ip6ip6] = new Ip6tnl("ip6ip6", ipv4: false, ipv6: true),
        [TunnelMode.Ipip6] = new Ip6tnl("ipip6", ipv4: true, ipv6: false),
        [TunnelMode.Ip6any] = new Ip6tnl("ip6any", ipv4: true, ipv6: true),
        [TunnelMode.Ip6gre] = new Ip6gre("ip6gre", TunnelGroup.Ip6gre, carriesFrames: false),
        [TunnelMode.Ip6gretap] = new Ip6gre("ip6gretap", TunnelGroup.Ip6gretap, carriesFrames: true),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<TunnelMode> All => s_modes.Keys;

    /// <summary>What <paramref name="mode"/> does.</summary>
    internal static Mode Get(TunnelMode mode) => s_modes[mode];

    /// <summary>The words of all modes, for people.</summary>
    public static string Names => string.Join(", ", s_modes.Values.Select(mode => mode.Name));

    /// <summary>The word of <paramref name="mode"/>.</summary>
    public static string Name(TunnelMode mode) => Get(mode).Name;

    /// <summary>Whether the device of <paramref name="mode"/> is a TAP.</summary>
    public static bool CarriesFrames(TunnelMode mode) => Get(mode).CarriesFrames;

    /// <summary>Whether the outer header of <paramref name="mode"/> is one of IPv6.</summary>
    public static bool IsOverIPv6(TunnelMode mode) => Get(mode).IsOverIPv6;

    /// <summary>Whether the device of <paramref name="mode"/> has packets of any protocol, which must be known beside them.</summary>
    public static bool CarriesAnything(TunnelMode mode) => Get(mode).CarriesAnything;

    /// <summary>The outer protocols that packets of <paramref name="mode"/> arrive by.</summary>
    public static IReadOnlyList<IpProtocol> Receives(TunnelMode mode) => Get(mode).Receives;

    /// <summary>The mode whose word is <paramref name="name"/>.</summary>
    public static bool TryParse(string? name, out TunnelMode mode)
    {
        foreach (var (candidate, behaviour) in s_modes)
            if (behaviour.Name == name)
            {
                mode = candidate;
                return true;
            }
        mode = default;
        return false;
    }
}
