using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.GoldenReplay;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What two kernels sent and answered with ipip between them: ours does the same.</summary>
public class GoldenIpipTests
{
    private static readonly TunnelParameters s_inherit = new() { Ttl = 64, Tos = 1 };

    public static TheoryData<string, TunnelParameters> Captures => new()
    {
        { "ipip", new() },
        { "ipip-ttl64-tos0x10", new() { Ttl = 64, Tos = 0x10 } },
        { "ipip-tos-inherit", new() { Ttl = 64, Tos = 1 } },
        { "ipip-nopmtudisc", new() { PathMtuDiscovery = false } },
        { "ipip-forward", new() },
        { "ipip-mtu1500", new() },
        { "ipip-mtu1500-nopmtudisc", new() { PathMtuDiscovery = false } },
        { "ipip-unreachable", new() },
        { "ipip-noproto", new() },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters) =>
        Assert.NotEqual(0, ReplayBoth(capture, parameters));

    [Fact]
    public void Congestion_experienced_is_not_encapsulated_as_such() =>
        Assert.Equal(3, Replay("ipip-ecn", s_inherit with { Local = A, Remote = B }, s_inherit with { Local = B, Remote = A }));

    [Fact]
    public void Congestion_on_the_outer_path_reaches_the_inner_packet_or_drops_it()
    {
        using var host = new TunnelHost(new() { Local = A, Remote = B, Ttl = 64, Tos = 1 });
        host.FromWire([.. Captured("ipip-ecn").Where(packet => From(packet) == B)]);

        // The capture behind a shows the packets after a forwarded them: one hop less.
        var inside = Captured("ipip-ecn-inside").Where(packet => From(packet) == Ip("10.0.0.1")).ToArray();
        var delivered = host.Delivered.Select(packet =>
        {
            Assert.True(IPv4Header.TryParse(packet, out var header) && header.HasValidChecksum);
            IPv4Header.SetTimeToLive(packet, (byte)(header.TimeToLive - 1));
            return packet;
        });
        Assert.Equal(inside, delivered);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.EcnError));
    }

    [Fact]
    public void The_next_hop_of_the_inner_route_is_the_outer_destination()
    {
        using var host = new TunnelHost(new() { Local = A, Ttl = 64 });
        host.Underlay.Gateways[Ip("10.0.0.1")] = B;
        var outer = Captured("ipip-any").Where(packet => From(packet) == A).ToArray();
        foreach (var packet in outer)
            Assert.Equal(WithoutId(packet), WithoutId(Assert.Single(host.FromDevice(packet[20..]).Sent)));
        Assert.Equal(2, outer.Length);
    }

    [Theory]
    [InlineData("ipip-unreachable")]
    [InlineData("ipip-noproto")]
    public void A_packet_for_no_tunnel_iAnswered_with_port_unreachable(string capture)
    {
        using var host = new TunnelHost();
        foreach (var pair in Captured(capture).Chunk(2))
        {
            var answer = Assert.Single(host.FromWire(pair[0]).Errors);
            host.Time.Advance(TimeSpan.FromMilliseconds(200));
            Assert.Equal(WithoutId(pair[1]), WithoutId(WithSource(answer, B)));
        }
    }

    [Theory]
    [InlineData("ipip-unreachable", 2)]
    [InlineData("ipip-noproto", 1)]
    public void Each_error_from_the_path_answers_the_next_inner_packet_with_host_unreachable(string capture, int expected)
    {
        using var host = new TunnelHost(new() { Local = A, Remote = B });
        var unreachable = 0;
        foreach (var pair in Captured(capture).Chunk(2))
        {
            host.FromDevice(pair[0][20..]);
            Assert.Equal(WithoutId(pair[0]), WithoutId(Assert.Single(host.Sent)));
            foreach (var error in host.Errors)
            {
                Assert.True(IPv4Header.TryParse(error, out var ip));
                Assert.Equal(Ip("10.0.0.2"), ip.Destination);
                Assert.Equal([3, 1], ip.Payload[..2].ToArray());
                unreachable++;
            }
            host.FromIcmp(pair[1]);
        }
        Assert.Equal(expected, unreachable);
    }

    [Theory]
    [InlineData("ipip-mtu1500-forward-inside")]
    public void A_forwarded_packet_too_big_with_df_iAnswered_and_one_without_df_is_dropped(string capture)
    {
        using var host = new TunnelHost(new() { Local = A, Remote = B });
        var frames = Captured(capture).ToArray();
        foreach (var packet in frames.Where(packet => packet.Length == 1500))
        {
            IPv4Header.SetTimeToLive(packet, 63); // a's kernel has counted the hop before the tunnel sees it
            host.FromDevice(packet);
        }
        Assert.Empty(host.Sent);
        var expected = Assert.Single(frames, packet => From(packet) == Ip("10.1.0.2"));
        Assert.Equal(WithoutId(expected), WithoutId(WithSource(Assert.Single(host.Errors), Ip("10.1.0.2"))));
        Assert.Equal(2, host.Tunnel.Counters.Dropped(DropReason.PacketTooBig));
    }

    [Theory]
    [InlineData("pmtu-ipip", true)]
    [InlineData("pmtu-ipip-nopmtudisc", false)]
    public void A_smaller_path_is_learnt_and_told_to_the_inner_sender(string capture, bool pmtudisc)
    {
        using var host = new TunnelHost(new() { Local = A, Remote = FarB, PathMtuDiscovery = pmtudisc });
        var packets = Captured(capture).ToArray();
        var first = packets[0][20..];

        Assert.Equal(WithoutId(packets[0]), WithoutId(Assert.Single(host.FromDevice(first).Sent)));
        host.FromIcmp(packets[1]);
        Assert.Empty(host.FromDevice(first).Sent);
        Assert.True(IPv4Header.TryParse(Assert.Single(host.Errors), out var ip) && ip.Destination == Ip("10.0.0.2"));
        Assert.True(IcmpHeader.TryParse(ip.Payload, out var icmp));
        Assert.Equal((IcmpType.DestinationUnreachable, 4, 1380), (icmp.Type, icmp.Code, icmp.NextHopMtu));

        // The sender has cut the rest to 1380 bytes.
        foreach (var packet in packets[2..4])
            Assert.Equal(WithoutId(packet), WithoutId(Assert.Single(host.FromDevice(packet[20..]).Sent)));
    }
}
