using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.GoldenReplay;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What two kernels sent and answered with gre and gretap between them: ours does the same.</summary>
public class GoldenGreTests
{
    private static readonly TunnelParameters s_gre = new() { Mode = TunnelMode.Gre }, s_gretap = new() { Mode = TunnelMode.Gretap };

    public static TheoryData<string, TunnelParameters> Captures => new()
    {
        { "gre", s_gre },
        { "gre-key", s_gre with { Ttl = 64, Gre = Key(42) } },
        { "gre-csum", s_gre with { Ttl = 64, Gre = new() { InputChecksum = true, OutputChecksum = true } } },
        { "gre-seq", s_gre with { Ttl = 64, Gre = new() { InputSequence = true, OutputSequence = true } } },
        { "gre-ttl64-tos0x10", s_gre with { Ttl = 64, Tos = 0x10 } },
        { "gre-tos-inherit", s_gre with { Tos = 1 } },
        { "gre-nopmtudisc", s_gre with { PathMtuDiscovery = false } },
        { "gre-mtu1500", s_gre },
        { "gre-ignore-df", s_gre with { PathMtuDiscovery = false, IgnoreDf = true } },
        { "gre-ipv6-inner", s_gre },
        { "gre-forward", s_gre },
        { "gre-forward6", s_gre },
        { "gretap", s_gretap },
        {
            "gretap-key-csum-seq",
            s_gretap with
            {
                Ttl = 64,
                Gre = Key(42) with { InputChecksum = true, OutputChecksum = true, InputSequence = true, OutputSequence = true },
            }
        },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters) =>
        Assert.NotEqual(0, ReplayBoth(capture, parameters));

    [Fact]
    public void Each_direction_has_a_key_of_its_own()
    {
        var a = s_gre with { Local = A, Remote = B, Ttl = 64, Gre = new() { InputKey = 0x01020304, OutputKey = 7 } };
        var b = s_gre with { Local = B, Remote = A, Ttl = 64, Gre = new() { InputKey = 7, OutputKey = 0x01020304 } };
        Assert.Equal(2, Replay("gre-ikey-okey", a, b));
        Assert.Equal(2, Replay("gre-ikey-okey", b, a));
    }

    [Fact]
    public void Each_direction_has_a_checksum_and_numbers_of_its_own()
    {
        var a = s_gre with { Local = A, Remote = B, Ttl = 64, Gre = new() { InputChecksum = true, InputSequence = true } };
        var b = s_gre with { Local = B, Remote = A, Ttl = 64, Gre = new() { OutputChecksum = true, OutputSequence = true } };
        Assert.Equal(2, Replay("gre-icsum-iseq-only", a, b));
        Assert.Equal(2, Replay("gre-icsum-iseq-only", b, a));
    }

    // Of the neighbour that names the far end a route with that gateway is the like.
    [Fact]
    public void The_next_hop_of_the_inner_route_is_the_outer_destination() => Assert.Equal(4, ReplayBoth(
        "gre-multipoint", s_gre with { Ttl = 64, Gre = Key(5) }, pointToPoint: false, prepare: host =>
        {
            host.Underlay.Gateways[Ip("10.0.0.1")] = B;
            host.Underlay.Gateways[Ip("10.0.0.2")] = A;
        }));

    [Theory]
    [InlineData("gre-forward")]
    [InlineData("gre-forward6")]
    public void What_comes_out_is_forwarded_as_it_is(string capture)
    {
        using var host = new TunnelHost(s_gre with { Local = A, Remote = B });
        host.FromWire([.. Captured(capture).Where(packet => From(packet) == B)]);
        var inside = Captured($"{capture}-inside").ToList();
        Assert.All(host.Delivered, packet => Assert.Contains(OneHopFurther(packet), inside));
        Assert.True(host.Tunnel.Counters.RxPackets > 0);
    }

    [Fact]
    public void Another_key_is_another_tunnel_and_answered_with_port_unreachable()
    {
        using TunnelHost a = new(s_gre with { Local = A, Remote = B, Gre = Key(1) });
        using TunnelHost b = new(s_gre with { Local = B, Remote = A, Gre = Key(2) });
        foreach (var pair in Captured("gre-key-mismatch").Chunk(2))
        {
            Assert.Equal(WithoutId(pair[0]), WithoutId(Assert.Single(a.FromDevice(InnerOf(pair[0])).Sent)));
            Assert.Empty(a.Errors);
            Assert.Equal(WithoutId(pair[1]), WithoutId(WithSource(Assert.Single(b.FromWire(pair[0]).Errors), B)));
            a.FromIcmp(pair[1]); // which ip_gre takes for impossible: the next packet is answered with nothing, too
            b.Time.Advance(TimeSpan.FromMilliseconds(200));
        }
        Assert.Equal(2, b.Engine.Unclaimed);
    }

    private static GreParameters Key(uint key) => new() { InputKey = key, OutputKey = key };

    private static byte[] OneHopFurther(byte[] packet)
    {
        if (IPv4Header.TryParse(packet, out var ipv4))
            IPv4Header.SetTimeToLive(packet, (byte)(ipv4.TimeToLive - 1));
        else
            packet[7]--;
        return packet;
    }
}
