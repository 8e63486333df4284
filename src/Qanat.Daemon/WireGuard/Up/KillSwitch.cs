using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// The rules of nftables that let nothing out but through the tunnel, whether or not it is there: a table of our own, which stays
/// when the process is killed.
/// </summary>
internal static class KillSwitch
{
    /// <summary>
    /// What <c>nft -f</c> reads to have it, in place of one from before at once: let out are loopback, what goes into the interface,
    /// its own datagrams by their mark, and what a host cannot have an address or a neighbour without (RFC 2131, 8415, 4861).
    /// </summary>
    /// <param name="device">The interface.</param>
    /// <param name="mark">The mark of its datagrams.</param>
    public static string Raise(string device, uint mark)
    {
        var table = TableOf(device);
        return $$"""
            add table {{table}}
            delete table {{table}}
            table {{table}} {
                chain output {
                    type filter hook output priority filter; policy drop;
                    oifname { "lo", "{{device}}" } accept
                    meta l4proto udp meta mark {{mark}} accept
                    udp sport 68 udp dport 67 accept
                    udp sport 546 udp dport 547 accept
                    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
                }
                chain forward {
                    type filter hook forward priority filter; policy drop;
                    iifname "{{device}}" accept
                    oifname "{{device}}" accept
                }
            }

            """;
    }

    /// <summary>What <c>nft -f</c> reads to be without it, be it there or not.</summary>
    public static string Lift(string device) => $"add table {TableOf(device)}\ndelete table {TableOf(device)}\n";

    private static string TableOf(string device) => $"inet {NftTable.NameOf("qanat", device)}";
}
