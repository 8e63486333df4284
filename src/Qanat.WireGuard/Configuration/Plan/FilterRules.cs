using System.Text;
using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>
/// The rules of nftables that go with a default route, in the words of wg-quick. A neighbour who guesses the interface's
/// address cannot reach it outside the tunnel (CVE-2019-14899), and what answers the interface's own packets is not taken
/// for spoofed.
/// </summary>
internal static class FilterRules
{
    /// <summary>What <c>nft -f</c> reads to make them.</summary>
    public static string Add(string device, bool isIPv6, IReadOnlyList<IpAddress> addresses, uint mark)
    {
        var (family, table) = (Family(isIPv6), Table(device, isIPv6));
        var rules = new StringBuilder()
            .Append($"add table {table}\n")
            .Append($"add chain {table} preraw {{ type filter hook prerouting priority -300; }}\n")
            .Append($"add chain {table} premangle {{ type filter hook prerouting priority -150; }}\n")
            .Append($"add chain {table} postmangle {{ type filter hook postrouting priority -150; }}\n");
        foreach (var address in addresses)
            rules.Append($"add rule {table} preraw iifname != \"{device}\" {family} daddr {address} fib saddr type != local drop\n");
        return rules
            .Append($"add rule {table} postmangle meta l4proto udp mark {mark} ct mark set mark\n")
            .Append($"add rule {table} premangle meta l4proto udp meta mark set ct mark\n")
            .ToString();
    }

    /// <summary>What <c>nft -f</c> reads to take them back.</summary>
    public static string Delete(string device, bool isIPv6) => $"delete table {Table(device, isIPv6)}\n";

    private static string Family(bool isIPv6) => isIPv6 ? "ip6" : "ip";

    private static string Table(string device, bool isIPv6) => $"{Family(isIPv6)} {NftTable.NameOf("wg-quick", device)}";
}
