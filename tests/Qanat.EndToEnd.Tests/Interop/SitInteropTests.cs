using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's sit against a real kernel's: far ends that are set, 6to4's, 6rd's and ISATAP's.</summary>
[Collection(nameof(KernelPair))]
public sealed class SitInteropTests(KernelPair pair)
{
    private const string Local = "local [192.0.2.1|192.0.2.2]";
    private const string Sit = "tunnel add tun1 mode sit " + Local + " ttl 64", Isatap = "tunnel add tun1 mode isatap " + Local + " ttl 64";
    private const string SixRd = Sit + "; tunnel 6rd dev tun1 6rd-prefix fd00::/40 6rd-relay_prefix 192.0.0.0/8";

    // The prefix, and in it 192.0.2.1 or 192.0.2.2: whole, without its first byte, or in the lower half.
    private static readonly InnerAddresses s_6to4 = new("2002:c000:201::1", "2002:c000:202::1", 16);
    private static readonly InnerAddresses s_6rd = new("fd00::201:0:0:0:1", "fd00::202:0:0:0:1", 40);
    private static readonly InnerAddresses s_isatap = new("fd00::5efe:192.0.2.1", "fd00::5efe:192.0.2.2");

    public static TheoryData<string, InnerAddresses, string, string> Spoofed => new()
    {
        { Sit, s_6to4, "2002:c000:263::1", "2002:c000:263::1" },
        { SixRd, s_6rd, "fd00::263:0:0:0:1", "fd00::263:0:0:0:1" },
        { Isatap, s_isatap, "fd00::77", "fd00::88" },
    };

    [Theory]
    [InlineData("")]
    [InlineData("ttl 7 tos 0x10")]
    [InlineData("tos inherit")]
    [InlineData("nopmtudisc tos inherit")]
    public void The_outer_headers_are_the_kernels_own(string options) =>
        pair.Headers($"tunnel add tun1 mode sit {Ends} {options}", Inner.IPv6);

    [Theory]
    [InlineData("any", Inner.Both)]
    [InlineData("ipip", Inner.IPv4)]
    public void The_outer_headers_around_IPv4_are_the_kernels_own(string mode, Inner inner)
    {
        pair.Headers($"link add tun1 type sit mode {mode} {Ends}", inner);
        using var tunnel = pair.Make($"link add tun1 type sit mode {mode} {Ends}");
        Assert.Equal(Shown(ours: false), Shown(ours: true));
    }

    [Fact]
    public void The_outer_headers_of_6to4_are_the_kernels_own() => pair.Headers(Sit, Inner.IPv6, inner6: s_6to4);

    [Fact]
    public void The_outer_headers_of_6rd_are_the_kernels_own() => pair.Headers(SixRd, Inner.IPv6, inner6: s_6rd);

    [Fact]
    public void The_outer_headers_of_isatap_are_the_kernels_own() => pair.Headers(Isatap, Inner.IPv6, inner6: s_isatap);

    [Fact]
    public void Tcp_passes_both_ways() => pair.Tcp($"tunnel add tun1 mode sit {Ends}", Inner.IPv6);

    [Fact]
    public void Tcp_passes_both_ways_through_6rd() => pair.Tcp(SixRd, Inner.IPv6, s_6rd);

    [Fact]
    public void Tcp_passes_both_ways_through_isatap() => pair.Tcp(Isatap, Inner.IPv6, s_isatap);

    [Theory]
    [MemberData(nameof(Spoofed), DisableDiscoveryEnumeration = true)]
    public void A_source_that_belongs_elsewhere_is_refused_and_counted_by_both(
        string commands, InnerAddresses inner6, string ours, string theirs)
    {
        using var tunnel = pair.Make(commands, inner6);
        pair.Host.Do($"ip addr add {ours}/128 dev tun1");
        pair.Kernel.Do($"ip addr add {theirs}/128 dev tun1");
        Assert.Equal(1, pair.Host.Run($"ping -c 1 -W 1 -I {ours} {inner6.Theirs}").ExitCode);
        Assert.Equal(1, pair.Kernel.Run($"ping -c 1 -W 1 -I {theirs} {inner6.Ours}").ExitCode);
        Assert.Equal("1", pair.Kernel.Do("cat /sys/class/net/tun1/statistics/rx_errors").TrimEnd());
        Assert.EndsWith("Drops: spoofed-source 1", pair.Host.Do("qanat -s tunnel show tun1").TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_potential_router_is_believed_as_long_as_it_is_on_the_list_and_both_show_the_list_alike()
    {
        using var tunnel = pair.Make(Isatap, s_isatap);
        pair.Host.Do("ip addr add fd00::77/64 nodad dev tun1", "ip route add fd00::88 via fe80::5efe:192.0.2.2 dev tun1");
        pair.Kernel.Do("ip addr add fd00::88/64 nodad dev tun1 && ip route add fd00::77 via fe80::5efe:192.0.2.1 dev tun1");
        foreach (var (action, answered) in new[] { ("prl-default", true), ("prl-delete", false), ("prl-nodefault", true) })
        {
            pair.Host.Do($"qanat tunnel prl dev tun1 {action} {TheirAddress}");
            pair.Kernel.Do($"ip tunnel prl dev tun1 {action} {OurAddress}");
            Assert.Equal(Shown(ours: false), Shown(ours: true));
            Assert.Equal(answered, pair.Host.Run("ping -c 1 -W 1 -I fd00::77 fd00::88").Succeeded);
            Assert.Equal(answered, pair.Kernel.Run("ping -c 1 -W 1 -I fd00::88 fd00::77").Succeeded);
        }

        pair.Host.Do($"qanat tunnel prl dev tun1 prl-default 192.0.2.7");
        pair.Kernel.Do($"ip tunnel prl dev tun1 prl-default 192.0.2.7");
        Assert.Equal(Shown(ours: false), Shown(ours: true));
    }

    [Fact]
    public void The_6rd_prefixes_are_set_shown_and_reset_alike()
    {
        using var tunnel = pair.Make(SixRd, s_6rd);
        var set = Shown(ours: true);
        Assert.Contains("6rd-prefix fd00::/40 6rd-relay_prefix 192.0.0.0/8", set, StringComparison.Ordinal);
        Assert.Equal(Shown(ours: false), set);
        pair.Host.Do("qanat tunnel 6rd dev tun1 6rd-reset");
        pair.Kernel.Do("ip tunnel 6rd dev tun1 6rd-reset");
        Assert.Equal(Shown(ours: false), Shown(ours: true));
    }

    [Fact]
    public void A_change_under_traffic_loses_no_ping() => pair.Changes(
        $"tunnel add tun1 mode sit {Ends}", TheirInner6, from option in new[] { "ttl 9", "tos inherit", "ttl 64 tos 0x10" }
                                                        select $"tunnel change tun1 mode sit {option}");

    // What `show` prints, as if both had one address and one list.
    private string Shown(bool ours) => ours
        ? pair.Host.Do("qanat tunnel show tun1").Replace(OurAddress, "OURS", StringComparison.Ordinal)
            .Replace(TheirAddress, "THEIRS", StringComparison.Ordinal)
        : pair.Kernel.Do("ip tunnel show tun1").Replace(TheirAddress, "OURS", StringComparison.Ordinal)
            .Replace(OurAddress, "THEIRS", StringComparison.Ordinal);
}
