using Qanat.Testing;
using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's gre and gretap against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class GreInteropTests(KernelPair pair)
{
    public static TheoryData<string> Options =>
    [
        "", "ttl 64", "ttl 7 tos 0x10", "tos inherit", "ttl 64 tos inherit", "nopmtudisc", "nopmtudisc tos inherit", "dev [wire|eth0]",
        "key 42", "key 1.2.3.4", "csum", "seq", "key 0 csum seq ttl 64",
    ];

    public static TheoryData<string> FrameOptions =>
        ["", "ttl 64 tos inherit", "key 42", "csum", "seq", "key 42 csum seq ttl 64", "nopmtudisc", "nopmtudisc ignore-df"];

    [Theory]
    [MemberData(nameof(Options))]
    public void The_outer_headers_of_gre_are_the_kernels_own(string options) =>
        pair.Headers($"tunnel add tun1 mode gre {Ends} {options}");

    [Theory]
    [InlineData("ikey 1 okey 2", "ikey 2 okey 1")]
    [InlineData("okey 7", "ikey 7")]
    [InlineData("ocsum", "icsum")]
    [InlineData("oseq", "iseq")]
    [InlineData("icsum iseq", "ocsum oseq")]
    public void What_is_asked_of_one_direction_alone_is_as_the_kernel_has_it(string one, string other) =>
        pair.HeadersOfUnequalEnds($"tunnel add tun1 mode gre {Ends}", one, other);

    [Theory]
    [MemberData(nameof(FrameOptions))]
    public void The_outer_headers_of_gretap_are_the_kernels_own(string options) =>
        pair.Headers($"link add tun1 type gretap {Ends} {options}");

    [Theory]
    [InlineData("tunnel add tun1 mode gre", "")]
    [InlineData("tunnel add tun1 mode gre", "key 42 csum seq")]
    [InlineData("link add tun1 type gretap", "")]
    public void Tcp_passes_both_ways(string command, string options) => pair.Tcp($"{command} {Ends} {options}");

    [Fact]
    public void Without_a_remote_the_next_hop_is_the_far_end()
    {
        using var tunnel = pair.Make($"tunnel add tun1 mode gre local [{OurAddress}|{TheirAddress}] key 5");
        pair.Host.Do($"ip route add {TheirInner}/32 via {TheirAddress} dev tun1 onlink");
        pair.Kernel.Do($"ip neigh add {OurInner} lladdr {OurAddress} nud permanent dev tun1"); // as its gre has it
        pair.Host.Do($"ping -c 1 -W 5 {TheirInner}");
        pair.Kernel.Do($"ping -c 1 -W 5 {OurInner}");
    }

    [Fact]
    public void A_packet_of_another_key_is_answered_with_port_unreachable_by_both()
    {
        using var tunnel = pair.Make($"tunnel add tun1 mode gre {Ends} key [1|2]");
        using var wire = new Capture(pair.Host, Wire, "icmp");
        Assert.Equal(1, pair.Host.Run($"ping -c 1 -W 1 {TheirInner}").ExitCode);
        Assert.Equal(1, pair.Kernel.Run($"ping -c 1 -W 1 {OurInner}").ExitCode);
        foreach (var sender in new[] { OurAddress, TheirAddress })
        {
            var answer = wire.WaitFor(1, packet => new IPv4Fields(packet).Source.ToString() == sender)[0];
            Assert.Equal([3, 3], new IPv4Fields(answer).Payload[..2].ToArray());
        }

        Assert.Equal(0, pair.Host.Counter("tun1", "rx", "packets"));
    }

    [Fact]
    public void A_change_under_traffic_loses_no_ping() => pair.Changes(
        $"tunnel add tun1 mode gre {Ends}", TheirInner,
        from options in new[] { "ttl 9", "tos inherit", "ttl 64 tos 0x10", $"dev {Wire}" }
        select $"tunnel change tun1 mode gre {options}");

    [Theory]
    [InlineData("")]
    [InlineData("csum seq")]
    public void The_outer_headers_to_a_group_are_the_kernels_own(string options) => pair.Headers(
        $"tunnel add tun1 mode gre local [{OurAddress}|{TheirAddress}] remote 239.1.1.1 ttl 9 dev [wire|eth0] {options}");
}
