namespace Qanat.Cli.Iproute2;

/// <summary>A mode of <c>ip -6 tunnel</c>.</summary>
/// <param name="Name">The daemon's word for it.</param>
/// <param name="Words">The words after <c>mode</c>.</param>
/// <param name="Protocols">Protocol inside and outside, as <c>show</c> prints it.</param>
/// <param name="Protocol">The number of the protocol inside, by which <c>show</c> selects; 0 for any.</param>
/// <param name="BaseDevice">
/// The device that error texts name where a tunnel has no name yet. Modes that share it share the kernel's list of tunnels.
/// </param>
internal sealed record Tunnel6Mode(string Name, string[] Words, string Protocols, int Protocol, string BaseDevice)
{
    /// <summary>IPv6 in IPv6 (RFC 2473).</summary>
    public static readonly Tunnel6Mode Ip6ip6 = new("ip6ip6", ["ip6ip6", "ipv6/ipv6"], "ipv6/ipv6", 41, "ip6tnl0");

    /// <summary>IPv4 in IPv6 (RFC 2473).</summary>
    public static readonly Tunnel6Mode Ipip6 = new("ipip6", ["ipip6", "ip/ipv6", "ipv4/ipv6", "ip4ip6"], "ip/ipv6", 4, "ip6tnl0");

    /// <summary>IPv4 and IPv6 in IPv6.</summary>
    public static readonly Tunnel6Mode Any = new("ip6any", ["any", "any/ipv6"], "any/ipv6", 0, "ip6tnl0");

    /// <summary>Anything in GRE in IPv6 (RFC 7676).</summary>
    public static readonly Tunnel6Mode Ip6gre = new("ip6gre", ["ip6gre", "gre/ipv6"], "gre/ipv6", 47, "ip6gre0");

    /// <summary>A device over IPsec policies (ip6_vti.c), with keys.</summary>
    public static readonly Tunnel6Mode Vti6 = new("vti6", ["vti6"], "ipv6/ipv6", 41, "ip6_vti0");

    /// <summary>Every mode.</summary>
    public static readonly Tunnel6Mode[] All = [Ip6ip6, Ipip6, Any, Ip6gre, Vti6];

    /// <summary>The mode that a word after <c>mode</c> means; null when it means none over IPv6.</summary>
    public static Tunnel6Mode? Find(string word) => Array.Find(All, mode => mode.Words.Contains(word));

    /// <summary>The mode that is the daemon's; null when it is none over IPv6.</summary>
    public static Tunnel6Mode? OfSpec(string name) => Array.Find(All, mode => mode.Name == name);

    /// <summary>
    /// The mode of a tunnel of this one after <c>change ... mode</c>. The kernel sees the protocol alone: what ip6tnl carries
    /// can be changed, the kind of a device cannot.
    /// </summary>
    public Tunnel6Mode ChangedTo(Tunnel6Mode wanted) =>
        this == Ip6gre || (this == Vti6 && wanted.Protocol is 41 or 0) ? this
        : BaseDevice == Ip6ip6.BaseDevice && wanted == Vti6 ? Ip6ip6
        : wanted;
}
