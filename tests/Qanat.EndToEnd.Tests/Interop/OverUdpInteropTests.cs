using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's foo over UDP and generic UDP encapsulation against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class OverUdpInteropTests(KernelPair pair)
{
    private const string Fou = "fou add port 5550 ipproto 4; link add tun1 type ipip " + Ends + " encap fou encap-dport 5550 encap-sport";
    private const string Fou6 = "fou add port 5554 ipproto 41 -6; link add tun1 type ip6tnl";
    private const string Gue = "fou add port 5551 gue; link add tun1 type";

    [Theory]
    [InlineData("auto")]
    [InlineData("5555")]
    [InlineData("auto encap-csum")]
    [InlineData("auto ttl 9 tos 0x10")]
    [InlineData("auto nopmtudisc")]
    public void The_outer_headers_of_ipip_in_fou_are_the_kernels_own(string options) => pair.Headers($"{Fou} {options}", Inner.IPv4);

    [Theory]
    [InlineData("ipip", "", Inner.IPv4)]
    [InlineData("ipip", "encap-csum", Inner.IPv4)]
    [InlineData("gre", "", Inner.Both)]
    [InlineData("gre", "key 42 csum seq", Inner.Both)]
    [InlineData("gretap", "encap-csum", Inner.Both)]
    public void The_outer_headers_in_gue_are_the_kernels_own(string type, string options, Inner inner) =>
        pair.Headers($"{Gue} {type} {Ends} encap gue encap-sport auto encap-dport 5551 {options}", inner);

    [Theory]
    [InlineData("gre", "")]
    [InlineData("gre", "key 42 csum seq")]
    [InlineData("gretap", "")]
    public void The_outer_headers_of_gre_in_fou_are_the_kernels_own(string type, string options) =>
        pair.Headers(
            $"fou add port 5552 ipproto 47; link add tun1 type {type} {Ends} encap fou encap-sport auto encap-dport 5552 {options}");

    [Theory]
    [InlineData("ipip", "")]
    [InlineData("ipip", "encap-csum")]
    [InlineData("gre", "csum")]
    [InlineData("gretap", "")]
    public void The_outer_headers_with_remote_checksums_are_the_kernels_own(string type, string options) =>
        pair.Headers($"{Gue} {type} {Ends} encap gue encap-sport auto encap-dport 5551 encap-remcsum {options}", Inner.IPv4);

    [Theory]
    [InlineData("")]
    [InlineData("encap-udp6-csum encaplimit none")]
    [InlineData("encap-udp6-csum encaplimit 7 hoplimit 9 tclass 0x10")]
    [InlineData("noencap-udp6-csum encaplimit none")]
    public void The_outer_headers_of_ip6ip6_in_fou_are_the_kernels_own(string options) =>
        pair.Headers($"{Fou6} mode ip6ip6 {Ends6} {Udp6("fou", 5554)} {options}", Inner.IPv6);

    [Theory]
    [InlineData("ip6tnl mode any", "")]
    [InlineData("ip6tnl mode any", "encaplimit none")]
    [InlineData("ip6gre", "")]
    [InlineData("ip6gre", "encaplimit none")]
    [InlineData("ip6gretap", "encaplimit 7 key 42")]
    public void The_outer_headers_in_gue_over_IPv6_are_the_kernels_own(string type, string options) =>
        pair.Headers($"fou add port 5551 gue -6; link add tun1 type {type} {Ends6} {Udp6("gue", 5551)} encap-udp6-csum {options}");

    // A kernel drops bursts of gre in FOU or GUE that it has joined itself. What has a checksum in gre it does not join.
    [Theory]
    [InlineData(Fou + " auto", Inner.IPv4)]
    [InlineData(Gue + " ipip " + Ends + " encap gue encap-sport auto encap-dport 5551 encap-csum", Inner.IPv4)]
    [InlineData(Gue + " ipip " + Ends + " encap gue encap-sport auto encap-dport 5551 encap-remcsum", Inner.IPv4)]
    [InlineData(Gue + " gre " + Ends + " csum encap gue encap-sport auto encap-dport 5551", Inner.Both)]
    [InlineData(Gue + " gre " + Ends + " csum encap gue encap-sport auto encap-dport 5551 encap-remcsum", Inner.Both)]
    [InlineData(
        "fou add port 5552 ipproto 47; link add tun1 type gre " + Ends + " csum encap fou encap-sport auto encap-dport 5552", Inner.IPv4)]
    [InlineData(Fou6 + " mode ip6ip6 " + Ends6 + " encap fou encap-sport auto encap-dport 5554 encap-udp6-csum", Inner.IPv6)]
    [InlineData(Fou6 + " mode ip6ip6 " + Ends6 + " encap fou encap-sport auto encap-dport 5554 noencap-udp6-csum", Inner.IPv6)]
    public void Tcp_passes_both_ways(string commands, Inner inner) => pair.Tcp(commands, inner);

    private static string Udp6(string encap, int port) => $"encap {encap} encap-sport auto encap-dport {port}";
}
