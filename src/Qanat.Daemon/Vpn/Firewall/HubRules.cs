using System.Text;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn.Firewall;

/// <summary>What a table of a hub is there for.</summary>
[Flags]
internal enum HubTableParts
{
    /// <summary>Who may send what where, and TCP's largest segments.</summary>
    Filter = 1,

    /// <summary>Masquerading.</summary>
    Masquerade = 2,
}

/// <summary>
/// The firewall of a hub, in the words of <c>nft</c>. The tables are its own; what another table drops stays dropped.
/// </summary>
/// <remarks>Source: nft(8).</remarks>
internal static class HubRules
{
    /// <summary>The families that have networks of their own to masquerade, as nft calls them.</summary>
    public static readonly string[] Families = ["inet", "ip", "ip6"];

    // Words of a packet's family: its name in a match, nfproto, and the set of devices whose forwarding was turned on for the hub.
    private static readonly (bool IsIPv6, string Word, string Protocol, string Set)[] s_versions =
        [(false, "ip", "ipv4", "forwarded4"), (true, "ip6", "ipv6", "forwarded6")];

    /// <summary>The name of a hub's tables.</summary>
    public static string TableName(string device) => NftTable.NameOf("qanat", device);

    /// <summary>A table, which statements of one transaction make; each line is one that can be joined to the next.</summary>
    /// <param name="scope">How far the hub's peers reach.</param>
    /// <param name="family">One of <see cref="Families"/>: the filter is of all of them at once, <c>inet</c>.</param>
    /// <param name="parts">What is in the table.</param>
    /// <param name="owned">True for a table that vanishes with whoever made it (NFT_TABLE_F_OWNER, Linux 5.12).</param>
    public static string Table(HubScope scope, string family, HubTableParts parts, bool owned)
    {
        var text = new StringBuilder().Append($"table {family} {TableName(scope.Device)} {{\n");
        if (owned)
            text.Append("flags owner;\n");
        if (parts.HasFlag(HubTableParts.Filter))
            AppendFilter(text, scope);
        if (parts.HasFlag(HubTableParts.Masquerade))
            AppendMasquerade(text, scope, family);
        return text.Append("};\n").ToString();
    }

    /// <summary>Names the devices that pass on packets for the hub's sake alone: nothing else gets through by them.</summary>
    public static string SetForwarded(HubScope scope, IEnumerable<string> ipv4, IEnumerable<string> ipv6) =>
        SetElements(scope, s_versions[0].Set, ipv4) + SetElements(scope, s_versions[1].Set, ipv6);

    /// <summary>Makes a table with nothing in it, if there is none of the name.</summary>
    public static string Empty(string device, string family) => $"add table {family} {TableName(device)};\n";

    /// <summary>Takes a table away.</summary>
    public static string Delete(string device, string family) => $"delete table {family} {TableName(device)};\n";

    private static string SetElements(HubScope scope, string set, IEnumerable<string> devices)
    {
        var place = $"inet {TableName(scope.Device)} {set}";
        var names = string.Join(", ", devices.Order(StringComparer.Ordinal).Select(name => $"\"{name}\""));
        return $"flush set {place};\n" + (names.Length == 0 ? "" : $"add element {place} {{ {names} }};\n");
    }

    private static void AppendFilter(StringBuilder text, HubScope scope)
    {
        var device = scope.Device;
        foreach (var version in s_versions)
            text.Append($"set {version.Set} {{ type ifname; }};\n");

        // From the tunnel: to the VPN's networks and those beyond that it opens, and as an answer to anybody.
        text.Append("chain allowed {\n").Append("ct state { established, related } accept;\n");
        foreach (var (isIPv6, word, _, _) in s_versions)
            AppendMatch(text, $"{word} daddr", [.. scope.SubnetsOf(isIPv6), .. scope.NetworksOf(isIPv6)], "accept");
        text.Append("drop;\n};\n");
        text.Append("chain input {\ntype filter hook input priority filter; policy accept;\n")
            .Append($"iifname \"{device}\" jump allowed;\n}};\n");

        // Into the tunnel from elsewhere: answers. And by a device that would forward nothing without the hub, nothing else.
        text.Append("chain forward {\ntype filter hook forward priority filter; policy accept;\n")
            .Append($"iifname \"{device}\" jump allowed;\n")
            .Append("ct state { established, related } accept;\n")
            .Append($"oifname \"{device}\" drop;\n");
        foreach (var (_, _, protocol, set) in s_versions)
            text.Append($"meta nfproto {protocol} iifname @{set} drop;\n");
        text.Append("};\n");

        // Peers that talk to each other by the hub have no shorter way, though they are of one network.
        text.Append("chain output {\ntype filter hook output priority filter; policy accept;\n")
            .Append($"oifname \"{device}\" icmp type redirect drop;\n")
            .Append($"oifname \"{device}\" icmpv6 type nd-redirect drop;\n}};\n");

        // The path's MTU is the smaller of both directions', and a segment size never grows.
        text.Append("chain clamp {\ntype filter hook forward priority mangle; policy accept;\n");
        foreach (var direction in (string[])["iifname", "oifname"])
            text.Append($"{direction} \"{device}\" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu;\n");
        text.Append("};\n");
    }

    private static void AppendMasquerade(StringBuilder text, HubScope scope, string family)
    {
        text.Append("chain nat {\ntype nat hook postrouting priority srcnat; policy accept;\n");
        foreach (var (isIPv6, word, _, _) in s_versions)
            if (family == "inet" || family == word)
                AppendMatch(text, $"oifname != {{ \"{scope.Device}\", \"lo\" }} {word} saddr", [.. scope.SubnetsOf(isIPv6)], "masquerade");
        text.Append("};\n");
    }

    // Prefixes of a set may not overlap; a rule each can.
    private static void AppendMatch(StringBuilder text, string match, AllowedIp[] prefixes, string verdict)
    {
        foreach (var prefix in prefixes)
            text.Append($"{match} {prefix} {verdict};\n");
    }
}
