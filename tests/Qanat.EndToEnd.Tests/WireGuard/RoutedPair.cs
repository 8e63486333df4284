using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Two ends of a tunnel, and a router between them that tells nobody when its way becomes narrow.</summary>
public sealed class RoutedPair : IDisposable
{
    /// <summary>Bytes of the largest packet that the narrow way takes.</summary>
    public const int NarrowMtu = 1400;

    private readonly TestNamespace _a = new("a"), _router = new("router"), _b = new("b");
    private readonly bool _isIPv6;

    /// <summary>Makes it, with a way that is still wide. A knows where B is.</summary>
    /// <param name="programA">A's implementation.</param>
    /// <param name="programB">B's.</param>
    /// <param name="isIPv6">Whether the tunnel goes over IPv6.</param>
    public RoutedPair(string programA, string programB, bool isIPv6)
    {
        _isIPv6 = isIPv6;
        TestNamespace.Join(_a, "eth0", _router, "near");
        TestNamespace.Join(_b, "eth0", _router, "far");
        _router.Do("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            "ip addr add 192.0.2.254/24 dev near", "ip addr add fd01::fe/64 dev near nodad",
            "ip addr add 198.51.100.254/24 dev far", "ip addr add fd02::fe/64 dev far nodad");
        _a.Do("ip addr add 192.0.2.1/24 dev eth0", "ip addr add fd01::1/64 dev eth0 nodad",
            "ip route add default via 192.0.2.254", "ip route add default via fd01::fe");
        _b.Do("ip addr add 198.51.100.1/24 dev eth0", "ip addr add fd02::1/64 dev eth0 nodad",
            "ip route add default via 198.51.100.254", "ip route add default via fd02::fe");
        // As on a wire: what is joined for the kernel's sake would meet the filter as one large packet.
        foreach (var end in (TestNamespace[])[_a, _b])
            end.Do("ethtool -K eth0 tx-udp-segmentation off");
        var address = isIPv6 ? "fd02::1" : "198.51.100.1";
        Wait.Until(() => _a.Reaches(address), what: "the way through the router");
        A = new(_a, programA);
        B = new(_b, programB);
        A.Begin(WireGuardPair.PortOfA, $"{WireGuardPair.InnerA}/24");
        B.Begin(WireGuardPair.PortOfB, $"{WireGuardPair.InnerB}/24");
        B.Set($"peer {A.PublicKey} allowed-ips {WireGuardPair.InnerA}/32");
        var endpoint = isIPv6 ? $"[{address}]" : address;
        A.Set($"peer {B.PublicKey} allowed-ips {WireGuardPair.InnerB}/32 endpoint {endpoint}:{WireGuardPair.PortOfB}");
    }

    /// <summary>The end that begins.</summary>
    public WireGuardEnd A { get; }

    /// <summary>The end that is found.</summary>
    public WireGuardEnd B { get; }

    /// <summary>
    /// Has the way become narrow. Over IPv6 it is a link that is, and the router's errors about it are lost; an IPv4 router would
    /// fragment, so there it is a filter.
    /// </summary>
    public void Narrow()
    {
        if (_isIPv6)
            _router.Do("nft add table inet hole", "nft 'add chain inet hole output { type filter hook output priority 0; }'",
                "nft add rule inet hole output icmpv6 type packet-too-big drop", $"ip link set far mtu {NarrowMtu}");
        else
            _router.Do("nft add table inet hole", "nft 'add chain inet hole forward { type filter hook forward priority 0; }'",
                $"nft add rule inet hole forward meta length gt {NarrowMtu} drop");
    }

    /// <summary>Has the way become wide again.</summary>
    public void Widen() => _router.Do("nft delete table inet hole", "ip link set far mtu 1500");

    /// <inheritdoc/>
    public void Dispose()
    {
        A?.Dispose();
        B?.Dispose();
        _a.Dispose();
        _b.Dispose();
        _router.Dispose();
    }
}
