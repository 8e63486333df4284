using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>Qanat against a real kernel's ipip: what each says to the other, and in the same words.</summary>
[Collection(nameof(KernelPair))]
public sealed class IpipInteropTests(KernelPair pair)
{
    private readonly TestNamespace _host = pair.Host;
    private readonly KernelPeer _kernel = pair.Kernel;

    public static TheoryData<string> Options =>
        ["", "ttl 64", "ttl 7 tos 0x10", "tos inherit", "ttl 64 tos inherit", "tos 0xb8", "nopmtudisc", "nopmtudisc tos inherit"];

    [Theory]
    [MemberData(nameof(Options))]
    public void Outer_headers_are_the_kernels_own_byte_by_byte(string options)
    {
        using var tunnel = pair.Tunnel(options);
        using var wire = new Capture(_host, KernelPair.Wire, "ip proto 4");
        string[] pings =
        [
            "-t 33", "-Q 0x10", "-Q 0xb8", "-Q 1", "-Q 2", "-Q 3", "-Q 0xbb",
            "-M do -s 1452", "-M dont", "-M dont -s 1453", "-M dont -s 3000",
        ];
        PingBothWays(pings);

        // Both sent the same requests and the same replies, so the same inner headers must have the same outer ones.
        const int packets = 2 * ((9 * 2) + (2 * 2) + (3 * 2));
        var outer = wire.WaitFor(packets, IsPing).Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.Equal(packets, outer.Length);
        Assert.All(outer, packet => Assert.True(packet.ChecksumHolds && packet.Inner.ChecksumHolds));
        Assert.Equal(Sent(KernelPair.TheirAddress), Sent(KernelPair.OurAddress));

        string[] Sent(string source) =>
            [.. from packet in outer
                where packet.Source.ToString() == source
                let line = $"{packet.Inner.Comparable} in {packet.Comparable}"
                orderby line
                select line];
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Pings_of_all_sizes_pass_both_ways(string options)
    {
        using var tunnel = pair.Tunnel(options);
        PingBothWays("-s 0", "-M do -s 1452", "-M dont -s 1452", "-s 4000", "-s 20000");
    }

    [Fact]
    public void A_ping_with_DF_larger_than_the_tunnel_is_refused_alike_on_both_sides()
    {
        using var tunnel = pair.Tunnel();
        const string ping = "ping -c 1 -W 1 -M do -s 1453", refusal = "message too long, mtu=1480";
        Assert.Contains(refusal, Both(_host.Run($"{ping} {KernelPair.TheirInner}")), StringComparison.Ordinal);
        Assert.Contains(refusal, Both(_kernel.Run($"{ping} {KernelPair.OurInner}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nopmtudisc")]
    public void Tcp_passes_both_ways(string options)
    {
        using var tunnel = pair.Tunnel(options);
        _host.AssertTcp(_kernel, KernelPair.TheirInner);
    }

    [Fact]
    public void Without_a_remote_the_next_hop_is_the_far_end()
    {
        using var tunnel = pair.Tunnel("ttl 64", remote: false);
        using var wire = new Capture(_host, KernelPair.Wire, "ip proto 4");
        _host.Do($"ping -c 2 -i 0.2 -W 10 {KernelPair.TheirInner}");
        _kernel.Do($"ping -c 2 -i 0.2 -W 10 {KernelPair.OurInner}");
        Assert.All(wire.WaitFor(8, IsPing), packet => Assert.Equal(64, new IPv4Fields(packet).Ttl));
        Assert.Equal($"tun1: ip/ip remote any local {KernelPair.OurAddress} ttl 64", _host.Do("qanat tunnel show tun1").TrimEnd());
        Assert.Equal($"tun1: ip/ip remote any local {KernelPair.TheirAddress} ttl 64", _kernel.Do("ip tunnel show tun1").TrimEnd());
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("1", 3)]
    [InlineData("2", 3)]
    [InlineData("3", 3)]
    public void Congestion_marked_on_the_way_reaches_the_inner_packet_if_it_may(string ecn, int? arrivesAs)
    {
        using var tunnel = pair.Tunnel("ttl 64 tos inherit");
        MarkOuter("ce");
        var errors = RxErrors();
        using var inside = new Capture(_host, "tun1", $"icmp and src host {KernelPair.TheirInner}");
        var answered = _kernel.Run($"ping -c 1 -W 1 -Q {ecn} {KernelPair.OurInner}").Succeeded;
        Assert.Equal(arrivesAs is not null, answered);
        if (arrivesAs is { } mark)
            Assert.Equal(mark, new IPv4Fields(inside.WaitFor(1)[0]).Tos);
        else
            Assert.Equal((1L, 0), (RxErrors() - errors, inside.SoFar.Frames.Count));
    }

    [Theory]
    [InlineData("1", "ect1", 1)]
    [InlineData("2", "ect1", 1)]
    [InlineData("2", "ect0", 2)]
    [InlineData("0", "ect0", 0)]
    [InlineData("0", "ect1", 0)]
    public void Ect_on_the_outer_header_is_merged_as_RFC_6040_says(string ecn, string outerMark, int arrivesAs)
    {
        using var tunnel = pair.Tunnel("ttl 64 tos inherit");
        MarkOuter(outerMark);
        using var inside = new Capture(_host, "tun1", $"icmp and src host {KernelPair.TheirInner}");
        _kernel.Do($"ping -c 1 -W 10 -Q {ecn} {KernelPair.OurInner}");
        Assert.Equal(arrivesAs, new IPv4Fields(inside.WaitFor(1)[0]).Tos);
    }

    [Fact]
    public void A_tunnel_that_we_do_not_have_is_answered_with_port_unreachable_and_their_sender_hears_of_it()
    {
        using var tunnel = pair.Tunnel();
        _host.Do("qanat tunnel del tun1", "qanat tunnel add other mode ipip remote 192.0.2.77 local 192.0.2.1", "ip link set other up");
        using var wire = new Capture(_host, KernelPair.Wire, "icmp or ip proto 4");
        var ping = _kernel.Run($"ping -c 3 -i 0.3 -W 1 {KernelPair.OurInner}");
        Assert.Contains("Destination Host Unreachable", ping.Output, StringComparison.Ordinal);

        var packets = wire.WaitFor(2).Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.Equal((1, 0xC0, 64), (packets[1].Protocol, packets[1].Tos, packets[1].Ttl));
        Assert.Equal([3, 3], packets[1].Payload[..2].ToArray());
        Assert.Equal(packets[0].Bytes.ToArray(), packets[1].Payload[8..].ToArray());
        _host.Do("qanat tunnel del other");
    }

    [Fact]
    public void A_tunnel_that_they_do_not_have_is_host_unreachable_to_our_sender()
    {
        using var tunnel = pair.Tunnel();
        _kernel.Do("ip tunnel del tun1");
        var ping = _host.Run($"ping -c 4 -i 0.3 -W 1 {KernelPair.TheirInner}");
        Assert.Equal(1, ping.ExitCode);
        Assert.Contains("Destination Host Unreachable", ping.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nopmtudisc")]
    public void A_tunnel_with_a_larger_mtu_tells_the_sender_what_fits(string options)
    {
        using var tunnel = pair.Tunnel(options);
        _host.Do("ip link set tun1 mtu 1500");
        var ping = _host.Run($"ping -c 1 -W 1 -M do -s 1472 {KernelPair.TheirInner}");
        Assert.Contains("mtu = 1480", ping.Output, StringComparison.Ordinal);
        var next = _host.Run($"ping -c 1 -W 1 -M do -s 1473 {KernelPair.TheirInner}");
        Assert.Contains("message too long, mtu=1480", Both(next), StringComparison.Ordinal);
        _host.Do($"ping -c 1 -W 10 -M dont -s 3000 {KernelPair.TheirInner}", "ip route flush cache");
    }

    [Fact]
    public void With_nopmtudisc_a_packet_larger_than_the_path_crosses_as_fragments_of_the_outer_one()
    {
        using var tunnel = pair.Tunnel("nopmtudisc");
        _host.Do("ip link set tun1 mtu 1500");
        using var wire = new Capture(_host, KernelPair.Wire, $"ip proto 4 and src host {KernelPair.OurAddress}");
        _host.Do($"ping -c 1 -W 10 -M dont -s 1472 {KernelPair.TheirInner}");
        var outer = wire.WaitFor(2).Select(packet => new IPv4Fields(packet)).ToArray();
        Assert.Equal(
            [(1500, true, 0), (40, false, 1480)],
            outer.Select(packet => (packet.TotalLength, packet.MoreFragments, packet.FragmentOffset)));
    }

    private void PingBothWays(params string[] pings)
    {
        _host.Do(All(KernelPair.TheirInner));
        _kernel.Do(All(KernelPair.OurInner));

        string All(string address) => string.Join(" && ", pings.Select(ping => $"ping -c 1 -W 10 {ping} {address}"));
    }

    private void MarkOuter(string mark) => _kernel.Do(
        $"nft 'table ip m {{ chain o {{ type filter hook postrouting priority 0; ip protocol 4 ip ecn set {mark}; }}; }}'");

    private long RxErrors() => _host.Tunnel("tun1").GetProperty("counters").GetProperty("rxErrors").GetInt64();

    // Not what is left of another test's TCP connections.
    private static bool IsPing(ReadOnlyMemory<byte> packet) => new IPv4Fields(packet).Inner.Protocol == IPv4Fields.Icmp;

    private static string Both(CommandResult result) => result.Output + result.Error;
}
