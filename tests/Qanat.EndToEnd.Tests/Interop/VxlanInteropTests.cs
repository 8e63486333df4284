using Xunit;
using static Qanat.EndToEnd.Tests.Interop.KernelPair;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat's VXLAN against a real kernel's.</summary>
[Collection(nameof(KernelPair))]
public sealed class VxlanInteropTests(KernelPair pair)
{
    private const string Command = "link add tun1 type vxlan id 42 dstport 4789 dev [wire|eth0]";

    [Theory]
    [InlineData("")]
    [InlineData("ttl 9")]
    [InlineData("ttl inherit")]
    [InlineData("tos 0x10")]
    [InlineData("tos inherit ttl 9")]
    [InlineData("udpcsum")]
    [InlineData("nolearning")]
    [InlineData("srcport 20000 20001")]
    public void The_outer_headers_are_the_kernels_own(string options) => pair.Headers($"{Command} {Ends} {options}");

    [Theory]
    [InlineData("")]
    [InlineData("noudp6zerocsumtx")]
    [InlineData("udp6zerocsumtx udp6zerocsumrx")]
    [InlineData("ttl 9 tos inherit")]
    public void The_outer_headers_over_IPv6_are_the_kernels_own(string options) => pair.Headers($"{Command} {Ends6} {options}");

    [Theory]
    [InlineData(Ends)]
    [InlineData(Ends6)]
    public void Tcp_passes_both_ways(string ends) => pair.Tcp($"{Command} {ends}");

    [Fact]
    public void Frames_go_where_the_forwarding_entries_say_and_both_show_these_alike()
    {
        const string link = "link add tun1 address 02:00:00:00:00:0[1|2] type vxlan id 42 dstport 4789 nolearning " +
            "local [192.0.2.1|192.0.2.2] dev [wire|eth0]";
        const string there = "dev tun1 dst [192.0.2.2|192.0.2.1]";
        const string flood = $"00:00:00:00:00:00 {there}", one = $"02:00:00:00:00:0[2|1] {there}";
        pair.Headers($"{link}; fdb append {flood}; fdb add {one}");

        using var tunnel = pair.Make($"{link}; fdb add {one}");
        Assert.False(pair.Host.Reaches(TheirInner)); // no entry for ARP's broadcasts
        pair.Host.Do($"ip neigh replace {TheirInner} lladdr 02:00:00:00:00:02 dev tun1");
        pair.Kernel.Do($"ip neigh replace {OurInner} lladdr 02:00:00:00:00:01 dev tun1");
        Assert.True(pair.Host.Reaches(TheirInner));
        Assert.Equal(
            pair.Kernel.Do("bridge fdb show dev tun1"),
            pair.Host.Do("qanat fdb show dev tun1")
                .Replace($"00:02 dst {TheirAddress}", $"00:01 dst {OurAddress}", StringComparison.Ordinal));
        Assert.Equal(
            pair.Kernel.Do("bridge fdb get 02:00:00:00:00:01 dev tun1 self"),
            pair.Host.Do("qanat fdb get 02:00:00:00:00:02 dev tun1 self")
                .Replace($"00:02 dev tun1 dst {TheirAddress}", $"00:01 dev tun1 dst {OurAddress}", StringComparison.Ordinal));
        pair.Host.Do($"qanat fdb del 02:00:00:00:00:02 dev tun1 dst {TheirAddress}");
        Assert.False(pair.Host.Reaches(TheirInner));
    }

    [Fact]
    public void A_change_under_traffic_loses_no_ping() => pair.Changes(
        $"{Command} {Ends}", TheirInner,
        from options in new[] { "ttl 9", "tos inherit", "ageing 60", "ttl 64" } select $"link change tun1 type vxlan id 42 {options}");
}
