namespace Qanat.Cli.Iproute2;

/// <summary>A mode of <c>ip tunnel</c> over IPv4.</summary>
/// <param name="Name">The word after <c>mode</c>, which is the daemon's word too.</param>
/// <param name="LongName">The same as <c>show</c> prints it, where <c>mode</c> takes that too.</param>
/// <param name="Protocol">The outer header's protocol number. Modes that share it count as one when two are asked for.</param>
/// <param name="BaseDevice">
/// The device that error texts name where a tunnel has no name yet. Modes that share it share the kernel's list of tunnels.
/// </param>
/// <param name="Prefix">What a tunnel's name begins with when no mode is given and this one is meant.</param>
/// <param name="HasKeys">Whether <c>key</c>, <c>ikey</c> and <c>okey</c> mean something.</param>
internal sealed record TunnelMode(string Name, string? LongName, int Protocol, string BaseDevice, string Prefix, bool HasKeys = false)
{
    /// <summary>Anything in GRE (RFC 2784, 2890).</summary>
    public static readonly TunnelMode Gre = new("gre", "gre/ip", 47, "gre0", "gre", HasKeys: true);

    /// <summary>IPv4 in IPv4 (RFC 2003).</summary>
    public static readonly TunnelMode Ipip = new("ipip", "ip/ip", 4, "tunl0", "ipip");

    /// <summary>IPv6 in IPv4 (RFC 4213).</summary>
    public static readonly TunnelMode Sit = new("sit", "ipv6/ip", 41, "sit0", "sit");

    /// <summary>IPv6 within a site (RFC 5214): sit, with a list of potential routers.</summary>
    public static readonly TunnelMode Isatap = new("isatap", null, 41, "sit0", "isatap");

    /// <summary>A device over IPsec policies (ip_vti.c): ipip, with keys.</summary>
    public static readonly TunnelMode Vti = new("vti", null, 4, "ip_vti0", "vti", HasKeys: true);

    /// <summary>IPv4 in IPv4 with the smaller header of RFC 2004, which <c>ip</c> has no word for.</summary>
    public static readonly TunnelMode Minimal = new("minimal", "min/ip", 55, "minimal0", "minimal");

    /// <summary>Every mode, in the order in which a name's beginning is tried against them.</summary>
    public static readonly TunnelMode[] All = [Gre, Ipip, Sit, Isatap, Vti, Minimal];

    /// <summary>True where this is the special form of a mode with the same protocol.</summary>
    public bool IsVariant => LongName is null;

    /// <summary>Protocol inside and outside, as <c>show</c> prints it: <c>ip/ip</c>.</summary>
    public string Protocols => LongName ?? Array.Find(All, mode => mode.Protocol == Protocol)!.LongName!;

    /// <summary>Reads the word after <c>mode</c>.</summary>
    public static TunnelMode? Find(string word) => Array.Find(All, mode => mode.Name == word || mode.LongName == word);

    /// <summary>The mode that a tunnel's name alone asks for.</summary>
    public static TunnelMode? OfName(string name) => Array.Find(All, mode => name.StartsWith(mode.Prefix, StringComparison.Ordinal));
}
