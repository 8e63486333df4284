using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>Minimal encapsulation: what RFC 2004 says, byte by byte.</summary>
public class MinimalTests
{
    private static readonly TunnelParameters s_a = new() { Mode = TunnelMode.Minimal, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    private static readonly TunnelParameters s_b = s_a with { Local = Ip("192.0.2.1"), Remote = Ip("192.0.2.2") };

    [Fact]
    public void The_packets_own_header_goes_outside_and_what_it_lost_follows()
    {
        using var host = new TunnelHost(s_a with { Ttl = 9, Tos = 0x10 });
        var inner = Inner(length: 61, tos: 0xBB, ttl: 33, df: true);
        var outer = Assert.Single(host.FromDevice(inner).Sent);

        Assert.True(IPv4Header.TryParse(outer, out var ip) && ip.HasValidChecksum);
        Assert.Equal((Ip("192.0.2.2"), Ip("192.0.2.1"), IpProtocol.MinimalEncapsulation), (ip.Source, ip.Destination, ip.Protocol));
        Assert.Equal((0xBB, 33, true, 0x1234, 73), (ip.TypeOfService, ip.TimeToLive, ip.DontFragment, ip.Identification, ip.TotalLength));
        Assert.True(MinimalForwardingHeader.TryParse(ip.Payload, out var header) && header.HasValidChecksum);
        Assert.Equal((IpProtocol.Udp, true, 12), (header.Protocol, header.HasOriginalSource, header.Length));
        Assert.Equal((Ip("10.0.0.2"), Ip("10.0.0.1")), (header.OriginalSource, header.OriginalDestination));
        Assert.Equal(inner[20..], header.Payload.ToArray());
    }

    [Fact]
    public void Our_own_address_as_the_source_is_not_said_twice()
    {
        using var host = new TunnelHost(s_a);
        var outer = Assert.Single(host.FromDevice(Inner(source: "192.0.2.2")).Sent);
        Assert.Equal([17, 0], outer[20..22]);
        Assert.Equal(Ip("10.0.0.1"), IPv4Address.Read(outer.AsSpan(24)));
        Assert.Equal(Inner().Length + 8, outer.Length);
    }

    public static TheoryData<string, byte[], int> Carried => new()
    {
        { "12 bytes more", Inner(tos: 2), 55 },
        { "8 bytes more", Inner(source: "192.0.2.2"), 55 },
        { "nothing but a header", Inner(length: 20), 55 },
        { "the largest that fits", Inner(length: 1488), 55 },
        { "a first fragment", Sum(With(Inner(), 6, 0x20)), 4 },
        { "a later fragment", Sum(With(Inner(), 7, 5)), 4 },
        { "options", WithOptions(Inner()), 4 },
    };

    [Theory]
    [MemberData(nameof(Carried), DisableDiscoveryEnumeration = true)]
    public void What_goes_in_comes_out_whole_and_what_may_not_be_shortened_goes_as_ipip(string what, byte[] inner, int protocol)
    {
        using TunnelHost a = new(s_a), b = new(s_b);
        var outer = Assert.Single(a.FromDevice(inner).Sent);
        Assert.True(outer[9] == protocol, what);
        Assert.Equal(inner, Assert.Single(b.FromWire(outer).Delivered));
        Assert.Equal((a.Tunnel.Counters.TxBytes, b.Tunnel.Counters.RxBytes), (inner.Length, inner.Length));
    }

    [Fact]
    public void Hops_and_congestion_on_the_way_are_the_packets_own()
    {
        using TunnelHost a = new(s_a), b = new(s_b);
        var outer = Assert.Single(a.FromDevice(Inner(tos: 2, ttl: 40)).Sent);
        IPv4Header.SetTimeToLive(outer, 37);
        IPv4Header.SetEcn(outer, Ecn.Ce);
        Assert.True(IPv4Header.TryParse(Assert.Single(b.FromWire(outer).Delivered), out var inner) && inner.HasValidChecksum);
        Assert.Equal((37, 3), (inner.TimeToLive, inner.TypeOfService));
    }

    [Fact]
    public void Options_of_the_outer_header_stay_with_the_packet()
    {
        using TunnelHost a = new(s_a), b = new(s_b);
        var outer = WithOptions(Assert.Single(a.FromDevice(Inner()).Sent));
        Assert.Equal(WithOptions(Inner()), Assert.Single(b.FromWire(outer).Delivered));
    }

    [Theory]
    [InlineData(1488, true, 1, 0)]
    [InlineData(1489, true, 0, 1488)]
    [InlineData(1489, false, 2, 0)] // DF is the sender's alone
    public void Path_mtu(int length, bool df, int sent, int announced)
    {
        using var host = new TunnelHost(s_a);
        Assert.Equal(sent, host.FromDevice(Inner(length, df: df)).Sent.Count);
        var errors = host.Errors;
        Assert.Equal(announced != 0 ? 1 : 0, errors.Count);
        foreach (var error in errors)
        {
            Assert.True(IcmpHeader.TryParse(error.AsSpan(20), out var icmp));
            Assert.Equal(announced, icmp.NextHopMtu);
        }
    }

    [Fact]
    public void Each_segment_of_a_super_packet_keeps_its_own_id()
    {
        using TunnelHost a = new(s_a), b = new(s_b);
        var super = Inner(length: 28 + 2500);
        var sum = InternetChecksum.Fold(InternetChecksum.PseudoHeader(Ip("10.0.0.2"), Ip("10.0.0.1"), IpProtocol.Udp, 2508));
        (super[26], super[27]) = ((byte)(sum >> 8), (byte)sum);
        using var batch = new PacketBatch();
        Assert.True(batch.TryAdd(super));
        batch[0] = batch[0] with
        {
            Gso = GsoType.UdpL4, GsoSize = 1000, Checksum = ChecksumState.Partial, ChecksumStart = 20, ChecksumOffset = 6,
        };
        a.Engine.FromDevice(a.Tunnel, batch);

        var sent = a.Sent;
        Assert.Equal([1040, 1040, 540], sent.Select(packet => packet.Length));
        Assert.Equal([0x34, 0x35, 0x36], sent.Select(packet => (int)packet[5]));
        var delivered = b.FromWire([.. sent]).Delivered;
        Assert.Equal(super[28..], delivered.SelectMany(packet => packet[28..]));
        Assert.All(delivered, packet => Assert.True(IPv4Header.TryParse(packet, out var ip) && ip.HasValidChecksum));
    }

    public static TheoryData<string, byte[], DropReason> BadOuterPackets => new()
    {
        { "nothing inside", Shortened(0), DropReason.TunnelHeader },
        { "half a header", Shortened(7), DropReason.TunnelHeader },
        { "a source that is cut off", Shortened(11), DropReason.TunnelHeader },
        { "a wrong checksum", With(Shortened(52), 24, 11), DropReason.ChecksumError },
        { "a fragment that nobody put together", With(Shortened(52), 6, 0x20), DropReason.OuterHeader },
        { "outer total length past the end", Shortened(52)[..60], DropReason.OuterHeader },
    };

    [Theory]
    [MemberData(nameof(BadOuterPackets), DisableDiscoveryEnumeration = true)]
    public void A_bad_packet_is_counted_by_its_reason(string what, byte[] packet, DropReason reason)
    {
        using var host = new TunnelHost(s_a);
        Assert.Empty(host.FromWire(packet).Delivered);
        Assert.True(host.Tunnel.Counters.Dropped(reason) == 1, what);
    }

    [Fact]
    public void A_tunnel_of_ipip_does_not_know_the_smaller_header()
    {
        using var host = new TunnelHost(s_a with { Mode = TunnelMode.Ipip });
        Assert.Empty(host.FromWire(Shortened(52)).Delivered);
        Assert.Equal((0, 1), (host.Tunnel.Counters.RxErrors, host.Engine.Unclaimed));
    }

    [Fact]
    public void A_tunnel_of_ipip_with_the_same_addresses_takes_nothing_from_it()
    {
        using var host = new TunnelHost(s_a);
        var ipip = host.AddTunnel(8, s_a with { Mode = TunnelMode.Ipip });
        host.FromWire(Shortened(52));
        Assert.Equal((1, 0), (host.Tunnel.Counters.RxPackets, ipip.Counters.RxPackets));
        Assert.Equal(0, ipip.Counters.RxErrors);
    }

    [Fact]
    public void A_packet_wrapped_too_often_is_a_dead_loop()
    {
        using var host = new TunnelHost(s_a);
        var packet = Inner();
        for (var depth = 1; depth < 6; depth++)
            packet = Assert.Single(host.FromDevice(packet).Sent);
        Assert.Empty(host.FromDevice(packet).Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.DeadLoop));
    }

    // What b sends, with so many bytes behind the outer header.
    private static byte[] Shortened(int length)
    {
        using var b = new TunnelHost(s_b);
        var packet = Assert.Single(b.FromDevice(Inner(length: 60)).Sent)[..(20 + length)];
        IPv4Header.SetTotalLength(packet, packet.Length);
        return packet;
    }

    private static byte[] Sum(byte[] packet)
    {
        IPv4Header.UpdateChecksum(packet);
        return packet;
    }

    private static byte[] WithOptions(byte[] packet)
    {
        byte[] longer = [.. packet[..20], 1, 1, 1, 0, .. packet[20..]];
        (longer[0], longer[2], longer[3]) = (0x46, (byte)(longer.Length >> 8), (byte)longer.Length);
        return Sum(longer);
    }
}
