using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>
/// Reads what a network is described by. What makes no sense is a <see cref="VpnException"/>, whose message says which word is
/// wrong, and what it should be.
/// </summary>
public static partial class VpnText
{
    /// <summary>The most characters of a peer's name.</summary>
    public const int LongestPeerName = 63;

    private const int MostShown = 60, LeastMtu = 576, MostMtu = 65455, LeastIPv6Mtu = 1280; // RFC 8200, section 5
    private const int IPv4Bits = 32, IPv6Bits = 128, IPv4Largest = 8, IPv6Largest = 16;

    // Of which the kernel has settings of its own (net/ipv4/conf/all), or a device.
    private static readonly string[] s_kernels = ["all", "default", "lo"];

    private static readonly AllowedIp[] s_unusable =
    [
        Prefix("0.0.0.0/8"), Prefix("127.0.0.0/8"), Prefix("169.254.0.0/16"), Prefix("224.0.0.0/3"), Prefix("::/16"), Prefix("fe80::/10"),
        Prefix("ff00::/8"),
    ];

    /// <summary>
    /// A network's name, which is its interface's and its folder's too: 1 to 15 letters, digits and <c>_=+.-</c>, and a letter,
    /// a digit or <c>_</c> first.
    /// </summary>
    public static string NetworkName(string text) => s_kernels.Contains(text)
        ? throw new VpnException($"\"{text}\" is no name for a network: it becomes an interface's, and that one is the kernel's own")
        : ConfigPath.IsInterfaceName(text) && IsFirst(text[0])
        ? text
        : throw new VpnException(
            $"\"{Shown(text)}\" is no name for a network: it becomes an interface's, of 1 to 15 letters, digits and _=+.-, " +
            "beginning with a letter, a digit or _");

    /// <summary>
    /// A peer's name, which becomes its file's: 1 to 63 letters, digits and <c>_=+.@-</c>, and a letter, a digit or <c>_</c> first.
    /// </summary>
    public static string PeerName(string text) => PeerNames().IsMatch(text)
        ? text
        : throw new VpnException(
            $"\"{Shown(text)}\" is no name for a peer: 1 to {LongestPeerName} letters, digits and _=+.@-, " +
            "beginning with a letter, a digit or _");

    /// <summary>Where peers find the hub: <c>vpn.example.com:51820</c>, <c>192.0.2.1:51820</c>, <c>[2001:db8::1]:51820</c>.</summary>
    public static PeerEndpoint Endpoint(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string form = "say HOST:PORT or [ADDRESS]:PORT, as in vpn.example.com:51820";
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']') || text[0] != '[' && IpAddress.TryParse(text, out _))
            throw new VpnException($"endpoint: \"{Shown(text)}\" has no port; {form}");
        var (host, service) = (text[..colon], text[(colon + 1)..]);
        if (!ushort.TryParse(service, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new VpnException($"endpoint: \"{Shown(service)}\" is no port from 1 to 65535; {form}");
        if (PeerEndpoint.TryParseNumeric(Encoding.UTF8.GetBytes(text), out var numeric) && !numeric!.Host.Contains('%'))
            return numeric.TryGetAddress(out var address, out _) && !address.IsAny && !address.IsMulticast
                ? numeric
                : throw new VpnException($"endpoint: nobody can be sent to {Shown(host)}; say an address that peers reach the hub by");
        // What has no letter in its last part is a mistyped address.
        if (!HostNames().IsMatch(host) || char.IsAsciiDigit(host[host.LastIndexOf('.') + 1]) && !host.Any(char.IsAsciiLetter))
            throw new VpnException($"endpoint: \"{Shown(host)}\" is neither a host's name nor its address; {form}");
        return new(host, port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The networks for peers' addresses: one, or one of each IP version, separated by commas.</summary>
    public static IReadOnlyList<AllowedIp> Subnets(string text)
    {
        var subnets = Prefixes("subnet", text);
        foreach (var subnet in subnets)
        {
            var (largest, smallest) = subnet.Address.IsIPv6 ? (IPv6Largest, IPv6Bits - 2) : (IPv4Largest, IPv4Bits - 2);
            if (subnet.Length > smallest)
                throw new VpnException($"subnet: {subnet} is too small for a hub and a peer; /{smallest} is the smallest");
            if (subnet.Length < largest)
                throw new VpnException($"subnet: {subnet} is too large; /{largest} is the largest");
            if (s_unusable.Any(range => range.Contains(subnet) || subnet.Contains(range)))
                throw new VpnException(
                    $"subnet: hosts cannot have addresses of {subnet}; take a private network such as 10.8.0.0/24 or fd00:8::/64");
        }
        return subnets.Select(subnet => subnet.Address.IsIPv6).Distinct().Count() == subnets.Count
            ? subnets
            : throw new VpnException("subnet: a network has one of IPv4, one of IPv6, or one of each; take a larger one for several");
    }

    /// <summary>Networks, separated by commas: <c>10.0.0.0/8,fd00::/8</c>. An address alone is a network of its own.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="text">The text.</param>
    public static IReadOnlyList<AllowedIp> Prefixes(string what, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<AllowedIp> prefixes = [];
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!AllowedIp.TryParse(item, out var prefix, out var hasMoreBits))
                throw new VpnException($"{what}: \"{Shown(item)}\" is no network such as 10.8.0.0/24 or fd00:8::/64");
            if (hasMoreBits)
                throw new VpnException($"{what}: {Shown(item)} has bits behind its length; say {prefix}");
            if (prefixes.Contains(prefix))
                throw new VpnException($"{what}: {prefix} is named twice");
            prefixes.Add(prefix);
        }
        return prefixes;
    }

    /// <summary>Name servers, and domains to search, separated by commas.</summary>
    public static (IReadOnlyList<IpAddress> Servers, IReadOnlyList<string> Search) Dns(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<IpAddress> servers = [];
        List<string> search = [];
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (IpAddress.TryParse(item, out var server) && !server.IsAny && !server.IsMulticast)
                servers.Add(server);
            else if (HostNames().IsMatch(item) && item.Any(char.IsAsciiLetter))
                search.Add(item);
            else
                throw new VpnException($"dns: \"{Shown(item)}\" is neither a name server's address nor a domain to search");
        }
        return (servers, search);
    }

    /// <summary>A public key that a peer made.</summary>
    public static PublicKey Key(string text) => PublicKey.TryParse(text, out var key) && !key.IsNone
        ? key
        : throw new VpnException("public-key: this is no key, which has 44 characters of base64; copy what wg pubkey prints");

    /// <summary>The largest inner packet, in bytes.</summary>
    public static int Mtu(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) && mtu is >= LeastMtu and <= MostMtu
            ? mtu
            : throw new VpnException($"mtu: \"{Shown(text)}\" is no number of bytes from {LeastMtu} to {MostMtu}");

    /// <summary>Checks that packets of that size are enough for a network's subnets.</summary>
    public static void CheckMtu(int mtu, IReadOnlyList<AllowedIp> subnets)
    {
        if (mtu < LeastIPv6Mtu && subnets.Any(subnet => subnet.Address.IsIPv6))
            throw new VpnException($"mtu: IPv6 needs {LeastIPv6Mtu} bytes, and {mtu} are less; leave out its subnet, or say more");
    }

    /// <summary>A text from outside, short, and harmless on a terminal.</summary>
    internal static string Shown(string text)
    {
        var shown = string.Concat(text.Take(MostShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > MostShown ? $"{shown}…" : shown;
    }

    private static bool IsFirst(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static AllowedIp Prefix(string text) =>
        AllowedIp.TryParse(text, out var prefix, out _) ? prefix : throw new ArgumentException(text);

    [GeneratedRegex(@"^[a-zA-Z0-9_][a-zA-Z0-9_=+.@-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PeerNames();

    [GeneratedRegex(
        @"^(?=.{1,253}\z)[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*\.?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostNames();
}
