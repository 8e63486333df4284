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

    /// <summary>The types that can be made.</summary>
    public static IEnumerable<string> Types => s_byMode.Values.Select(kind => kind.Type).OfType<string>().Distinct();

    /// <summary>True for devices that carry Ethernet frames.</summary>
    public bool IsEthernet => LinkType == "ether";

    /// <summary>True where the device stands on another, of which <c>show</c> tells after an @.</summary>
    public bool HasParent => Type is not (null or "vxlan");

    /// <summary>The words of a tunnel.</summary>
    public static LinkKind Of(TunnelSpec spec) => s_byMode.GetValueOrDefault(spec.Mode) ?? new(null, "none");
}
