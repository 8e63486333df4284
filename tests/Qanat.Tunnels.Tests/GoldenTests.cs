using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// The captures of two real kernels (tests/golden), played again: the same inner packets must give the same outer
/// packets and the same ICMP errors, IP id aside. a is 192.0.2.2, b is 192.0.2.1 (198.51.100.1 behind a router).
/// </summary>
public class GoldenTests
{
    private static readonly IPv4Address s_a = Ip("192.0.2.2"), s_b = Ip("192.0.2.1"), s_farB = Ip("198.51.100.1");

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
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters)
    {
        var replayed = Replay(capture, s_a, s_b, parameters) + Replay(capture, s_b, s_a, parameters);
        Assert.NotEqual(0, replayed);
    }

    [Fact]
    public void Congestion_experienced_is_not_encapsulated_as_such() =>
        Assert.Equal(3, Replay("ipip-ecn", s_a, s_b, new() { Ttl = 64, Tos = 1 }));

    [Fact]
    public void Congestion_on_the_outer_path_reaches_the_inner_packet_or_drops_it()
    {
        using var host = new TunnelHost(new() { Local = s_a, Remote = s_b, Ttl = 64, Tos = 1 });
        host.FromWire([.. Packets("ipip-ecn").Where(packet => From(packet) == s_b)]);

        // The capture behind a shows the packets after a forwarded them: one hop less.
        var inside = Packets("ipip-ecn-inside").Where(packet => From(packet) == Ip("10.0.0.1")).ToArray();
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
        using var host = new TunnelHost(new() { Local = s_a, Ttl = 64 });
        host.Underlay.Gateways[Ip("10.0.0.1")] = s_b;
        var outer = Packets("ipip-any").Where(packet => From(packet) == s_a).ToArray();
        foreach (var packet in outer)
            Assert.Equal(WithoutId(packet), WithoutId(Assert.Single(host.FromDevice(packet[20..]).Sent)));
        Assert.Equal(2, outer.Length);
    }

    [Theory]
    [InlineData("ipip-unreachable")]
    [InlineData("ipip-noproto")]
    public void A_packet_for_no_tunnel_is_answered_with_port_unreachable(string capture)
    {
        using var host = new TunnelHost();
        foreach (var pair in Packets(capture).Chunk(2))
        {
            var answer = Assert.Single(host.FromWire(pair[0]).Errors);
            host.Time.Advance(TimeSpan.FromMilliseconds(200));
            Assert.Equal(WithoutId(pair[1]), WithoutId(WithSource(answer, s_b)));
        }
    }

    [Theory]
    [InlineData("ipip-unreachable", 2)]
    [InlineData("ipip-noproto", 1)]
    public void Each_error_from_the_path_answers_the_next_inner_packet_with_host_unreachable(string capture, int expected)
    {
        using var host = new TunnelHost(new() { Local = s_a, Remote = s_b });
        var unreachable = 0;
        foreach (var pair in Packets(capture).Chunk(2))
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
    public void A_forwarded_packet_too_big_with_df_is_answered_and_one_without_df_is_dropped(string capture)
    {
        using var host = new TunnelHost(new() { Local = s_a, Remote = s_b });
        var frames = Packets(capture).ToArray();
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
        using var host = new TunnelHost(new() { Local = s_a, Remote = s_farB, PathMtuDiscovery = pmtudisc });
        var packets = Packets(capture).ToArray();
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

    // Feeds the inner packets of what one end sent to an engine in its place, and compares what comes out. Returns how many.
    private static int Replay(string capture, IPv4Address local, IPv4Address remote, TunnelParameters parameters)
    {
        using var host = new TunnelHost(parameters with { Local = local, Remote = remote });
        var replayed = 0;
        foreach (var outer in Datagrams(capture, local))
        {
            var inner = outer.SelectMany(fragment => fragment[20..]).ToArray();
            var sent = host.FromDevice(inner).Sent;
            Assert.Equal(outer.Select(packet => WithoutId(packet)), sent.Select(packet => WithoutId(packet)));
            replayed++;
        }
        return replayed;
    }

    // The protocol-4 packets that one end sent, those of one datagram together.
    private static IEnumerable<List<byte[]>> Datagrams(string capture, IPv4Address source)
    {
        List<byte[]>? open = null;
        foreach (var packet in Packets(capture))
        {
            Assert.True(IPv4Header.TryParse(packet, out var header));
            if (header.Source != source || header.Protocol != IpProtocol.IpIp)
                continue;
            (open ??= []).Add(packet);
            if (header.MoreFragments)
                continue;
            yield return open;
            open = null;
        }
    }

    private static IEnumerable<byte[]> Packets(string capture) => Golden.Load(capture).Packets.Select(packet => packet.ToArray());

    private static IPv4Address From(byte[] packet) => IPv4Address.Read(packet.AsSpan(12));

    private static byte[] WithSource(byte[] packet, IPv4Address source)
    {
        source.Write(packet.AsSpan(12));
        return packet;
    }
}
