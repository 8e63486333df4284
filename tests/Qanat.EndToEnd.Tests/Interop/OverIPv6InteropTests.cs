using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's tunnels over IPv6 against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class OverIPv6InteropTests(KernelPair pair)
{
    public static TheoryData<string> Options =>
    [
        "", "encaplimit none", "encaplimit 7", "hoplimit 9", "hoplimit 0", "tclass 0x10", "tclass inherit", "flowlabel 0x12345",
        "flowlabel inherit", "hoplimit 9 tclass 0x10 flowlabel 0x12345 encaplimit none", "dscp inherit", "dev [wire|eth0]",
    ];

    public static TheoryData<string> GreOptions =>
    [
        "", "encaplimit none", "hoplimit 9 tclass inherit", "flowlabel 0x12345", "key 42", "csum", "seq",
        "encaplimit none key 42 csum seq",
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void The_outer_headers_of_ip6ip6_are_the_kernels_own(string options) =>
        pair.Headers($"-6 tunnel add tun1 mode ip6ip6 {Ends6} {options}", Inner.IPv6);

    [Theory]
    [MemberData(nameof(Options))]
    public void The_outer_headers_of_ipip6_are_the_kernels_own(string options) =>
        pair.Headers($"-6 tunnel add tun1 mode ipip6 {Ends6} {options}", Inner.IPv4);

    [Theory]
    [InlineData("")]
    [InlineData("encaplimit none hoplimit 9")]
    public void The_outer_headers_of_any_are_the_kernels_own(string options) =>
        pair.Headers($"-6 tunnel add tun1 mode any {Ends6} {options}");

    [Theory]
    [MemberData(nameof(GreOptions))]
    public void The_outer_headers_of_ip6gre_are_the_kernels_own(string options) =>
        pair.Headers($"-6 tunnel add tun1 mode ip6gre {Ends6} {options}");

    [Theory]
    [InlineData("ikey 1 okey 2", "ikey 2 okey 1")]
    [InlineData("icsum iseq", "ocsum oseq")]
    public void What_is_asked_of_one_direction_alone_is_as_the_kernel_has_it(string one, string other) =>
        pair.HeadersOfUnequalEnds($"-6 tunnel add tun1 mode ip6gre {Ends6}", one, other);

    [Theory]
    [InlineData("")]
    [InlineData("encaplimit none")]
    [InlineData("key 42 csum seq hoplimit 9")]
    public void The_outer_headers_of_ip6gretap_are_the_kernels_own(string options) =>
        pair.Headers($"link add tun1 type ip6gretap {Ends6} {options}");

    [Theory]
    [InlineData("-6 tunnel add tun1 mode ip6ip6", Inner.IPv6)]
    [InlineData("-6 tunnel add tun1 mode ipip6", Inner.IPv4)]
    [InlineData("-6 tunnel add tun1 mode any", Inner.Both)]
    [InlineData("-6 tunnel add tun1 mode ip6gre", Inner.Both)]
    [InlineData("link add tun1 type ip6gretap", Inner.Both)]
    public void Tcp_passes_both_ways(string command, Inner inner) => pair.Tcp($"{command} {Ends6}", inner);

    [Theory]
    [InlineData("ip6ip6", "tclass inherit")]
    [InlineData("ip6gre", "flowlabel inherit")]
    public void A_change_under_traffic_loses_no_ping(string mode, string options) => pair.Changes(
        $"-6 tunnel add tun1 mode {mode} {Ends6}", TheirInner6,
        from change in new[] { "hoplimit 9", "tclass 0x10", options, "encaplimit none" }
        select $"-6 tunnel change tun1 mode {mode} {Ends6} {change}".Replace("[2001:db8:1::1|2001:db8:1::2]", "2001:db8:1::1",
            StringComparison.Ordinal).Replace("[2001:db8:1::2|2001:db8:1::1]", "2001:db8:1::2", StringComparison.Ordinal));

    [Fact]
    public void A_packet_of_another_key_is_answered_with_port_unreachable_by_both()
    {
        using var tunnel = pair.Make($"-6 tunnel add tun1 mode ip6gre {Ends6} key [1|2]");
        using var wire = new Capture(pair.Host, Wire, "icmp6");
        Assert.Equal(1, pair.Host.Run($"ping -c 1 -W 1 {TheirInner}").ExitCode);
        Assert.Equal(1, pair.Kernel.Run($"ping -c 1 -W 1 {OurInner}").ExitCode);
        foreach (var sender in new byte[] { 1, 2 })
            wire.WaitFor(1, packet => packet.Span[23] == sender && packet.Span[40..42].SequenceEqual((byte[])[1, 4]));
        Assert.Equal(0, pair.Host.Counter("tun1", "rx", "packets"));
    }
}
