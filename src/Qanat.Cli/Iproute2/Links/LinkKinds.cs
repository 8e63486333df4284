using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>A tunnel's mode in the words of <c>ip link</c>.</summary>
/// <param name="Type">The word after <c>type</c>; null for what <c>ip link</c> does not make.</param>
/// <param name="LinkType">The link layer's name, after <c>link/</c>.</param>
/// <param name="OverIPv6">Whether the addresses at both ends are of IPv6, where they are the link layer's.</param>
internal sealed record LinkKind(string? Type, string LinkType, bool OverIPv6 = false)
{
    private static readonly Dictionary<string, LinkKind> s_byMode = new()
    {
        ["ipip"] = new("ipip", "ipip"),
        ["minimal"] = new(null, "ipip"),
        ["gre"] = new("gre", "gre"),
        ["gretap"] = new("gretap", "ether"),
        ["sit"] = new("sit", "sit"),
        ["isatap"] = new("sit", "sit"),
        ["vti"] = new("vti", "ipip"),
        ["ip6ip6"] = new("ip6tnl", "tunnel6", true),
        ["ipip6"] = new("ip6tnl", "tunnel6", true),
        ["ip6any"] = new("ip6tnl", "tunnel6", true),
        ["ip6gre"] = new("ip6gre", "gre6", true),
        ["ip6gretap"] = new("ip6gretap", "ether"),
        ["vti6"] = new("vti6", "tunnel6", true),
        ["vxlan"] = new("vxlan", "ether"),
        ["l2tp"] = new(null, "ether"),
    };

    // What ip has a grammar for and we have not.
    private static readonly string[] s_foreign =
    [
        "amt", "bareudp", "batadv", "bond", "bond_slave", "bridge", "bridge_slave", "can", "dsa", "dummy", "erspan", "geneve", "gtp", "hsr",
        "ifb", "ip6erspan", "ipoib", "ipvlan", "ipvtap", "macsec", "macvlan", "macvtap", "netdevsim", "nlmon", "rmnet", "team",
        "team_slave", "vcan", "veth", "vlan", "vrf", "vxcan", "wwan", "xfrm", "virt_wifi",
    ];

    /// <summary>The types that can be made.</summary>
    public static IEnumerable<string> Types => s_byMode.Values.Select(kind => kind.Type).OfType<string>().Distinct();

    /// <summary>True for devices that carry Ethernet frames.</summary>
    public bool IsEthernet => LinkType == "ether";

    /// <summary>True where the device stands on another, of which <c>show</c> tells after an @.</summary>
    public bool HasParent => Type is not (null or "vxlan");

    /// <summary>True for a type of <c>ip link</c>'s that is none of ours.</summary>
    public static bool IsForeign(string type) => s_foreign.Contains(type);

    /// <summary>
    /// Whether <c>ip link set ... type T</c> gets as far as its words for a device of this kind. Before them it takes up the addresses
    /// of the tunnel that is there: attributes by number, behind which another kind may have something else.
    /// </summary>
    public bool IsReadAs(string type) => type switch
    {
        "vxlan" => true,
        "ipip" or "sit" => Type is "ipip" or "sit" or "vti" or "vti6",
        "gre" or "gretap" => Type is "gre" or "gretap" or "ipip" or "sit" or "vti" or "vti6",
        "vti" => Type is "vti" or "gre" or "gretap" or "ip6gre" or "ip6gretap",
        "ip6gre" or "ip6gretap" => Type is "ip6gre" or "ip6gretap" or "ipip" or "sit",
        _ => Type == type,
    };

    /// <summary>The words of a tunnel.</summary>
    public static LinkKind Of(TunnelSpec spec) => s_byMode.GetValueOrDefault(spec.Mode) ?? new(null, "none");
}
