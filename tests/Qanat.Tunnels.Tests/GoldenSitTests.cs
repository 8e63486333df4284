using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.GoldenReplay;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What two kernels sent and answered with sit between them, 6to4, 6rd and ISATAP included: ours does the same.</summary>
public class GoldenSitTests
{
    private static readonly TunnelParameters s_sit = new() { Mode = TunnelMode.Sit };
    private static readonly TunnelParameters s_isatap = new() { Mode = TunnelMode.Isatap, Ttl = 64 };

    public static TheoryData<string, TunnelParameters> Captures => new()
    {
        { "sit", s_sit },
        { "sit-ttl64-tos0x10", s_sit with { Ttl = 64, Tos = 0x10 } },
        { "sit-tos-inherit", s_sit with { Ttl = 64, Tos = 1 } },
        { "sit-nopmtudisc", s_sit with { PathMtuDiscovery = false } },
        { "sit-mtu1500", s_sit },
        { "sit-mtu1500-nopmtudisc", s_sit with { PathMtuDiscovery = false } },
        { "sit-unreachable", s_sit },
        { "sit-linklocal", s_sit with { Ttl = 64 } },
        { "sit-any", s_sit with { Ttl = 64, Inner = InnerProtocol.Any } },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters) =>
        Assert.NotEqual(0, ReplayBoth(capture, parameters));

    [Fact]
    public void The_6to4_address_or_the_compatible_next_hop_is_the_outer_destination() => Assert.Equal(6, ReplayBoth(
        "6to4", s_sit with { Ttl = 64 }, pointToPoint: false,
        prepare: host => host.Underlay.Gateways[Ip6("2001:db8:77::1")] = Ip6("::192.0.2.1")));

    [Fact]
    public void The_6rd_address_or_the_border_relay_is_the_outer_destination() => Assert.Equal(6, ReplayBoth(
        "6rd", s_sit with { Ttl = 64, Sit = new() { Prefix = Ip6("2001:db8::"), PrefixLength = 32 } }, pointToPoint: false,
        prepare: host => host.Underlay.Gateways[Ip6("2001:4860::1")] = Ip6("::192.0.2.1")));

    [Fact]
    public void The_isatap_neighbour_is_the_outer_destination()
    {
        var a = s_isatap with { Local = A, Sit = new() { Routers = [new(B, IsDefault: true)] } };
        var b = s_isatap with { Local = B };
        Assert.Equal(5, Replay("isatap", a, b, Prepare));
        Assert.Equal(4, Replay("isatap", b, a, Prepare));

        static void Prepare(TunnelHost host)
        {
            host.Underlay.Gateways[Ip6("2001:db8:77::1")] = Ip6("fe80::5efe:c000:201");
            host.Underlay.OnDevice.Add((Ip6("fe80::5efe:c000:201"), 64));
            host.Underlay.OnDevice.Add((Ip6("2001:db8:99::5efe:c000:201"), 64));
        }
    }

    [Fact]
    public void A_packet_for_no_tunnel_is_answered_with_port_unreachable()
    {
        using var host = new TunnelHost();
        foreach (var pair in Captured("sit-unreachable").Chunk(2))
        {
            var answer = Assert.Single(host.FromWire(pair[0]).Errors);
            host.Time.Advance(TimeSpan.FromMilliseconds(200));
            Assert.Equal(WithoutId(pair[1]), WithoutId(WithSource(answer, B)));
        }
    }

    [Fact]
    public void Such_an_answer_tells_the_inner_sender_that_the_address_is_unreachable()
    {
        using var host = new TunnelHost(s_sit with { Local = A, Remote = B });
        foreach (var pair in Captured("sit-unreachable").Chunk(2))
        {
            var inner = InnerOf(pair[0]);
            Assert.Single(host.FromDevice(inner).Sent);
            Assert.Empty(host.Errors);
            var error = Assert.Single(host.FromIcmp(pair[1]).Errors);
            Assert.True(IPv6Header.TryParse(error, out var ip));
            Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp));
            Assert.Equal((Ip6("fd00::2"), Icmpv6Type.DestinationUnreachable, 3), (ip.Destination, icmp.Type, icmp.Code));
            Assert.Equal(inner, icmp.OriginalDatagram.ToArray());
            host.Time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }
}
