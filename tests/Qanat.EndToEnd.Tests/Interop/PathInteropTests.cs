using Xunit;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>
/// A router between Qanat and the far end that has a smaller MTU, or no way on: our inner senders are told what a kernel's tunnel
/// beside ours tells its own.
/// </summary>
[Collection(nameof(KernelPair))]
public sealed class PathInteropTests(KernelPair pair, Road road) : IClassFixture<Road>
{
    private const string Ping4 = "ping -c 1 -W 1 -M do -s 1400 $a; ", Ping6 = "ping -c 1 -W 1 -s 1390 $b; ";

    // The first is lost where only the path knows, the second is told, the third is not sent; cut, they arrive.
    private const string Larger4 = Ping4 + Ping4 + Ping4 + "ip route get $a; ping -c 1 -W 5 -M dont -s 1400 $a; ";
    private const string Larger6 = Ping6 + Ping6 + "ping -c 1 -W 1 -M do -s 1390 $b; ip -6 route get $b; ping -c 1 -W 5 -s 1390 $b; ";

    private const string L2tp =
        "l2tp add tunnel tunnel_id [1|2] peer_tunnel_id [1|2] local LOCAL remote REMOTE udp_sport [1701|1702] udp_dport [1701|1702]; " +
        "l2tp add session name tun1 tunnel_id [1|2] session_id [7|8] peer_session_id [7|8]";
    private const string L2tp6 = "-6 " + L2tp;

    private const string
        State = "proto esp spi [0x101|0x102] reqid [1|2] mode tunnel flag af-unspec " +
            "aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128",
        Policy = "proto esp reqid [1|2] mode tunnel",
        Out = $"xfrm policy add dir out mark [42|43] tmpl src LOCAL dst REMOTE {Policy}",
        In = $"xfrm policy add dir in mark [42|43] tmpl src REMOTE dst LOCAL {Policy}",
        Ipsec = $"xfrm state add src LOCAL dst REMOTE {State}; xfrm state add src REMOTE dst LOCAL {State}; " +
            $"-4 {Out}; -6 {Out}; -4 {In}; -6 {In}",
        Vti = $"tunnel add tun1 mode vti local LOCAL remote REMOTE key [42|43]; {Ipsec}",
        Vti6 = $"-6 tunnel add tun1 mode vti6 local LOCAL remote REMOTE key [42|43]; {Ipsec}";

    private const string Fou = "fou add port 5550 ipproto 4; link add tun1 type ipip encap fou encap-sport auto encap-dport 5550";

    [Theory]
    [InlineData("tunnel add tun1 mode gre", Inner.Both)]
    [InlineData("tunnel add tun1 mode gre nopmtudisc", Inner.Both)]
    [InlineData("link add tun1 type gretap", Inner.Both)]
    [InlineData("tunnel add tun1 mode sit", Inner.IPv6)]
    [InlineData(Fou, Inner.IPv4)]
    [InlineData("link add tun1 type vxlan id [42|43] dstport 4789", Inner.IPv4)]
    [InlineData(L2tp, Inner.IPv4)]
    [InlineData(L2tp6, Inner.IPv4)]
    [InlineData(Vti, Inner.Both)]
    [InlineData(Vti6, Inner.Both)]
    [InlineData("-6 tunnel add tun1 mode any", Inner.Both)]
    [InlineData("-6 tunnel add tun1 mode ip6gre", Inner.Both)]
    public void A_smaller_path_is_told_to_senders_as_the_kernel_tells_it(string commands, Inner inner)
    {
        using var tunnels = road.Make(commands, commands.StartsWith("-6", StringComparison.Ordinal));
        var (ours, kernels) = tunnels.Said(
            (inner.HasFlag(Inner.IPv4) ? Larger4 : "") + (inner.HasFlag(Inner.IPv6) ? Larger6 : ""));
        Assert.Equal(kernels, ours);
    }

    [Theory]
    [InlineData("tunnel add tun1 mode gre", "$a")]
    [InlineData(Fou, "$a")]
    [InlineData("-6 tunnel add tun1 mode ip6ip6", "$b")]
    [InlineData("-6 tunnel add tun1 mode ipip6", "$a")]
    [InlineData("-6 tunnel add tun1 mode ip6gre", "$a")]
    [InlineData(Vti, "$a")]
    [InlineData(Vti6, "$b")]
    public void A_far_end_out_of_reach_is_told_to_senders_as_the_kernel_tells_it(string commands, string address)
    {
        var overIPv6 = commands.StartsWith("-6", StringComparison.Ordinal);
        using var tunnels = road.Make(commands, overIPv6);
        var (route, ping) = ($"ip {(overIPv6 ? "-6" : "")} route", $"ping -c 2 -i 0.3 -W 1 {address}");
        foreach (var reason in new[] { "unreachable", "throw" }) // that host, that network
        {
            pair.Kernel.Do($"{route} add {reason} {tunnels.FarEnd}");
            Same(ping);
            pair.Kernel.Do($"{route} del {reason} {tunnels.FarEnd}");
        }

        pair.Kernel.Do("ip -n far link set tun1 down && ip -n far link set tun2 down"); // no such tunnel
        Same(ping);
        Same($"{route} add unreachable {tunnels.FarEnd}; {ping}; {route} del unreachable {tunnels.FarEnd}"); // no route of their own

        // Of ours a sender hears one a second in the long run, of the kernel's own each.
        void Same(string script)
        {
            var (ours, kernels) = tunnels.Said($"sleep 1; {script}");
            Assert.Equal(kernels, ours);
        }
    }

    // A kernel would say so too, but as ::ffff:192.0.2.2, which it does not let out.
    [Fact]
    public void A_far_end_out_of_reach_is_told_to_the_sender_in_sit_at_once()
    {
        using var tunnels = road.Make("tunnel add tun1 mode sit", overIPv6: false);
        pair.Kernel.Do($"ip route add unreachable {tunnels.FarEnd}");
        var (ours, kernels) = tunnels.Said("ping -c 1 -W 2 $b");
        pair.Kernel.Do($"ip route del unreachable {tunnels.FarEnd}");
        const string told = "::1 icmp_seq=1 Destination unreachable: Address unreachable";
        Assert.Contains(ours, line => line.EndsWith(told, StringComparison.Ordinal));
        Assert.NotEqual("", pair.Host.Do("grep 'Icmp6OutDestUnreachs\\s*[1-9]' /proc/net/snmp6")); // as the kernel's own
        Assert.DoesNotContain(kernels, line => line.Contains("unreachable", StringComparison.Ordinal));
    }
}
