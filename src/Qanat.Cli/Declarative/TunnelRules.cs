using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>What no key can tell alone: values that contradict each other.</summary>
internal static class TunnelRules
{
    /// <summary>Notes the contradictions within a tunnel.</summary>
    /// <param name="tunnel">The tunnel, as it was read.</param>
    /// <param name="name">Its name.</param>
    /// <param name="map">What it was read from.</param>
    /// <param name="mistakes">Where mistakes go.</param>
    public static void Check(HostTunnel tunnel, YamlScalar name, YamlMap map, Mistakes mistakes)
    {
        var spec = tunnel.Spec;
        if (tunnel.Mode == ModeSet.Vxlan && map.Find("id") is null)
            mistakes.Add(name.Place, $"{tunnel.Name}: the key \"id\" is expected, and missing");
        if (tunnel.Mode == ModeSet.L2tp && map.Find("l2tp") is null)
            mistakes.Add(name.Place, $"{tunnel.Name}: the key \"l2tp\" is expected, and missing");
        if ((tunnel.Mode & ModeSet.OverIPv4) != 0 && spec.Ttl != 0 && !spec.Pmtudisc && !spec.IgnoreDf)
            mistakes.Add(map.Find("pmtudisc")!.Place, "pmtudisc: true is expected, for there is a ttl, which implies it");
        if (spec.IgnoreDf && spec.Pmtudisc)
            mistakes.Add(map.Find("ignore-df")!.Place, "ignore-df: \"pmtudisc: false\" is expected beside it, for both decide on DF");
        if (tunnel.Mode == ModeSet.Vxlan && IsGroup(spec.Remote) && spec.Dev is null)
            mistakes.Add(
                map.Find("remote")!.Place, $"remote: with the group {spec.Remote}, a \"link\" to reach it by is expected, and missing");
        if (IsGroup(spec.Remote) && spec.Local == "any" && (tunnel.Mode & ModeSet.OverIPv4) != 0)
            mistakes.Add(
                map.Find("remote")!.Place, $"remote: with the group {spec.Remote}, a \"local\" address is expected, and missing");
        if (tunnel.Mode == ModeSet.Vxlan && IsIPv6(spec.Local) is { } local && IsIPv6(spec.Remote) is { } remote && local != remote)
            mistakes.Add(
                map.Find("remote")!.Place, $"remote: an address of the family of {spec.Local} is expected rather than {spec.Remote}");
        if (map.Find("fdb") is YamlList entries)
            ForwardingKeys.Settle(tunnel, entries, mistakes);
        if (!tunnel.Up && tunnel.Routes.Count > 0)
            mistakes.Add(map.Find("routes")!.Place, "routes: none is expected while the device is not up");
    }

    /// <summary>True for a group of multicast receivers.</summary>
    public static bool IsGroup(string end) => Values.TryParseAddress(end, out var address) && address.IsMulticast();

    private static bool? IsIPv6(string end) => Values.TryParseAddress(end, out var address) ? address.IsIPv6() : null;
}
