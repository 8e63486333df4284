using Qanat.Packets;
using Qanat.Testing;
using Xunit;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// The captures of two real kernels with tunnels over IPv6 (tests/golden), played again: the same inner packets must give the
/// same outer packets, flow label aside, and the other way about. a is 2001:db8:1::2, b is 2001:db8:1::1 (2001:db8:2::1
/// behind a router).
/// </summary>
public class GoldenOverIPv6Tests
{
    private static readonly IPv6Address s_a = Ip("2001:db8:1::2"), s_b = Ip("2001:db8:1::1"), s_farB = Ip("2001:db8:2::1");

    private static readonly IPv6TunnelParameters s_noLimit = new() { EncapLimit = null };

    public static TheoryData<string, TunnelParameters> Captures => new()
    {
        { "ip6ip6", new() { Mode = TunnelMode.Ip6ip6, Ttl = 64 } },
        { "ip6ip6-encaplimit-none", new() { Mode = TunnelMode.Ip6ip6, Ttl = 64, IPv6 = s_noLimit } },
        {
            "ip6ip6-tclass-flowlabel",
            new() { Mode = TunnelMode.Ip6ip6, Ttl = 7, Tos = 0x10, IPv6 = s_noLimit with { FlowLabel = 0x12345 } }
        },
        {
            "ip6ip6-inherit",
            new() { Mode = TunnelMode.Ip6ip6, IPv6 = s_noLimit with { InheritTrafficClass = true, InheritFlowLabel = true } }
        },
        { "ip6ip6-unreachable", new() { Mode = TunnelMode.Ip6ip6, Ttl = 64 } },
        { "ipip6", new() { Mode = TunnelMode.Ipip6, Ttl = 64 } },
        { "ipip6-encaplimit-none", new() { Mode = TunnelMode.Ipip6, IPv6 = s_noLimit with { InheritTrafficClass = true } } },
        { "ipip6-forward", new() { Mode = TunnelMode.Ipip6, Ttl = 64, IPv6 = s_noLimit } },
        { "ip6tnl-any", new() { Mode = TunnelMode.Ip6any, Ttl = 64, IPv6 = s_noLimit } },
        { "ip6gre", new() { Mode = TunnelMode.Ip6gre, Ttl = 64 } },
        { "ip6gre-key-csum-seq", new() { Mode = TunnelMode.Ip6gre, Ttl = 64, IPv6 = s_noLimit, Gre = Gre(42, csum: true, seq: true) } },
        { "ip6gretap", new() { Mode = TunnelMode.Ip6gretap, Ttl = 64, IPv6 = s_noLimit, Gre = Gre(42) } },
    };

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_same_inner_packets_give_the_same_outer_packets(string capture, TunnelParameters parameters) =>
        Assert.True(Replay(capture, s_a, s_b, parameters) + Replay(capture, s_b, s_a, parameters) > 1);

    [Theory]
    [MemberData(nameof(Captures), DisableDiscoveryEnumeration = true)]
    public void The_outer_packets_give_up_their_inner_packets(string capture, TunnelParameters parameters)
    {
        using var host = new TunnelHost(parameters with { Local = s_a, Remote = s_b });
        foreach (var packet in Sent(capture, s_b))
            Assert.Equal(Inner(packet), Assert.Single(host.FromWire(packet).Delivered));
        Assert.Equal(0, host.Tunnel.Counters.RxErrors);
    }

    [Fact]
    public void A_packet_for_no_tunnel_is_answered_with_port_unreachable()
    {
        using var host = new TunnelHost();
        foreach (var pair in Packets("ip6ip6-unreachable").Chunk(2))
        {
            var answer = Assert.Single(host.FromWire(pair[0]).Errors);
            Assert.Equal(pair[1][40..42], answer[40..42]);
            Assert.Equal(pair[1][48..], answer[48..]);
        }
    }

    [Fact]
    public void An_error_from_the_path_is_passed_on_to_the_inner_sender()
    {
        using var host = new TunnelHost(new() { Mode = TunnelMode.Ip6ip6, Local = s_a, Remote = s_b, Ttl = 64 });
        var pair = Packets("ip6ip6-unreachable").Take(2).ToArray();
        var error = Assert.Single(host.FromIcmp(pair[1]).Errors);
        Assert.True(IPv6Header.TryParse(error, out var ip));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp));
        Assert.Equal(Ip("fd00::2"), ip.Destination);
        Assert.Equal((Icmpv6Type.DestinationUnreachable, (byte)Icmpv6UnreachableCode.Address), (icmp.Type, icmp.Code));
        Assert.Equal(Inner(pair[0]), icmp.OriginalDatagram.ToArray());
    }

    [Theory]
    [InlineData("pmtu-ip6ip6", TunnelMode.Ip6ip6, 1360)]
    [InlineData("pmtu-ip6gre", TunnelMode.Ip6gre, 1356)]
    public void A_smaller_path_is_learnt_and_told_to_the_inner_sender(string capture, TunnelMode mode, int mtu)
    {
        using var host = new TunnelHost(new() { Mode = mode, Local = s_a, Remote = s_farB, Ttl = 64, IPv6 = s_noLimit });
        var tooBig = Packets(capture).Single(packet => packet[6] == (byte)IpProtocol.Icmpv6 && packet[40] == (byte)Icmpv6Type.PacketTooBig);
        var sent = Sent(capture, s_a).ToArray();
        Assert.Single(host.FromDevice(Inner(sent[0])).Sent);

        host.FromIcmp(tooBig);
        Assert.All(host.Errors, Tells);
        Assert.Empty(host.FromDevice(Inner(sent[0])).Sent);
        Tells(Assert.Single(host.Errors));
        foreach (var packet in sent[1..])
            Assert.Equal(Comparable(packet), Comparable(Assert.Single(host.FromDevice(Inner(packet)).Sent)));

        void Tells(byte[] error)
        {
            Assert.True(IPv6Header.TryParse(error, out var ip));
            Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp));
            Assert.Equal((Ip("fd00::2"), Icmpv6Type.PacketTooBig, (uint)mtu), (ip.Destination, icmp.Type, icmp.Mtu));
        }
    }

    private static int Replay(string capture, IPv6Address local, IPv6Address remote, TunnelParameters parameters)
    {
        using var host = new TunnelHost(parameters with { Local = local, Remote = remote });
        var sent = Sent(capture, local).ToArray();
        foreach (var packet in sent)
            Assert.Equal(Comparable(packet), Comparable(Assert.Single(host.FromDevice(Inner(packet)).Sent)));
        return sent.Length;
    }

    // What one end sent through its tunnel.
    private static IEnumerable<byte[]> Sent(string capture, IPv6Address source) =>
        Packets(capture).Where(packet => IPv6Address.Read(packet.AsSpan(8)) == source && packet[6] != (byte)IpProtocol.Icmpv6);

    private static byte[] Inner(byte[] packet)
    {
        Assert.True(OuterPacket.TryParse(packet, 0, out var outer));
        Assert.True(PayloadReader.TryRead(outer, out var header, out _, out _, out _));
        return outer.Payload[header.Length..].ToArray();
    }

    // Flow labels are by chance, unless they are what was asked for.
    private static byte[] Comparable(byte[] packet)
    {
        var label = (packet[1] & 0xF) << 16 | packet[2] << 8 | packet[3];
        return label == 0x12345 ? packet : [packet[0], (byte)(packet[1] & 0xF0), 0, 0, .. packet[4..]];
    }

    private static IEnumerable<byte[]> Packets(string capture) => Golden.Load(capture).Packets.Select(packet => packet.ToArray());

    private static GreParameters Gre(uint key, bool csum = false, bool seq = false) => new()
    {
        InputKey = key, OutputKey = key, InputChecksum = csum, OutputChecksum = csum, InputSequence = seq, OutputSequence = seq,
    };

    private static IPv6Address Ip(string text) => IPv6Address.TryParse(text, out var address) ? address : throw new FormatException(text);
}
