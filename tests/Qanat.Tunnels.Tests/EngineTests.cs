using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>What the engine does with single packets, beyond what the captures of real kernels show.</summary>
public class EngineTests
{
    private static readonly TunnelParameters s_ipip = new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };

    [Fact]
    public void Inner_packet_follows_the_outer_header_unchanged()
    {
        using var host = new TunnelHost(s_ipip);
        var inner = Inner(length: 1480, ttl: 33);
        var outer = Assert.Single(host.FromDevice(inner).Sent);

        Assert.True(IPv4Header.TryParse(outer, out var header));
        Assert.True(header.HasValidChecksum);
        Assert.Equal((33, IpProtocol.IpIp, true, 1500), (header.TimeToLive, header.Protocol, header.DontFragment, header.TotalLength));
        Assert.Equal(inner, header.Payload.ToArray());
        Assert.Equal((1, 1480), (host.Tunnel.Counters.TxPackets, host.Tunnel.Counters.TxBytes));
    }

    [Fact]
    public void Outer_ids_count_up()
    {
        using var host = new TunnelHost(s_ipip);
        var ids = host.FromDevice(Inner(), Inner(), Inner()).Sent.Select(packet => packet[4] << 8 | packet[5]).ToArray();
        Assert.Equal([ids[0], (ids[0] + 1) & 0xFFFF, (ids[0] + 2) & 0xFFFF], ids);
    }

    [Fact]
    public void Without_a_remote_the_gateway_of_the_inner_route_is_the_far_end()
    {
        using var host = new TunnelHost(new() { Local = Ip("192.0.2.2"), Ttl = 64 });
        host.Underlay.Gateways[Ip("10.0.0.1")] = Ip("192.0.2.77");
        host.Underlay.Gateways[Ip("10.0.0.9")] = Ip("0.0.0.0"); // no route
        host.FromDevice(Inner(destination: "10.0.0.1"), Inner(destination: "10.0.0.9"));

        Assert.True(IPv4Header.TryParse(Assert.Single(host.Sent), out var outer));
        Assert.Equal(Ip("192.0.2.77"), outer.Destination);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    [Fact]
    public void Without_a_local_address_the_route_names_the_source()
    {
        using var host = new TunnelHost(new() { Remote = Ip("192.0.2.1") });
        host.Underlay.Default = host.Underlay.Default with { Source = Ip("192.0.2.123") };
        Assert.True(IPv4Header.TryParse(Assert.Single(host.FromDevice(Inner()).Sent), out var outer));
        Assert.Equal(Ip("192.0.2.123"), outer.Source);
    }

    [Fact]
    public void A_route_is_asked_for_once_until_something_changes()
    {
        using var host = new TunnelHost(s_ipip);
        host.FromDevice(Inner(), Inner()).FromDevice(Inner());
        Assert.Equal(1, host.Underlay.Asked);
        host.Underlay.Generation++;
        host.FromDevice(Inner());
        Assert.Equal(2, host.Underlay.Asked);
    }

    [Fact]
    public void No_route_drops_and_counts()
    {
        using var host = new TunnelHost(s_ipip);
        host.Underlay.Default = OuterRoute.None;
        Assert.Empty(host.FromDevice(Inner()).Sent);
        Assert.Equal((1, 1), (host.Tunnel.Counters.Dropped(DropReason.NoRoute), host.Tunnel.Counters.TxErrors));
    }

    [Fact]
    public void A_route_into_the_tunnel_itself_is_a_dead_loop()
    {
        using var host = new TunnelHost(s_ipip);
        host.Underlay.Default = host.Underlay.Default with { Interface = TunnelHost.DeviceIndex };
        Assert.Empty(host.FromDevice(Inner()).Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.DeadLoop));
    }

    [Fact]
    public void A_packet_wrapped_too_often_is_a_dead_loop()
    {
        using var host = new TunnelHost(s_ipip);
        var packet = Inner();
        for (var depth = 1; depth < 5; depth++)
            packet = Outer(packet);
        Assert.Single(host.FromDevice(packet).Sent);
        Assert.Empty(host.FromDevice(Outer(packet)).Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.DeadLoop));
    }

    [Fact]
    public void A_locked_route_mtu_gives_up_df()
    {
        using var host = new TunnelHost(s_ipip);
        host.Underlay.Default = host.Underlay.Default with { MtuLocked = true };
        Assert.True(IPv4Header.TryParse(Assert.Single(host.FromDevice(Inner()).Sent), out var outer));
        Assert.False(outer.DontFragment);
    }

    [Fact]
    public void An_oversize_packet_of_our_own_without_df_teaches_the_inner_route_in_silence()
    {
        using var host = new TunnelHost(s_ipip);
        host.Underlay.Own.Add(Ip("10.0.0.2"));
        Assert.Empty(host.FromDevice(Inner(length: 1500)).Sent);

        Assert.True(IPv4Header.TryParse(Assert.Single(host.Errors), out var ip));
        Assert.True(IcmpHeader.TryParse(ip.Payload, out var icmp));
        Assert.Equal((Ip("10.0.0.2"), 1480), (ip.Destination, icmp.NextHopMtu));
        // What is quoted is an echo reply, for which the kernel updates the route and bothers no socket.
        Assert.True(IPv4Header.TryParseQuoted(icmp.OriginalDatagram, out var quoted));
        Assert.Equal((IpProtocol.Icmp, Ip("10.0.0.1")), (quoted.Protocol, quoted.Destination));
        Assert.Equal((byte)IcmpType.EchoReply, quoted.Payload[0]);
    }

    [Fact]
    public void Link_failures_are_forgotten_after_thirty_seconds()
    {
        using var host = new TunnelHost(s_ipip);
        var outer = host.FromDevice(Inner()).Sent[0];
        host.FromIcmp(IcmpError(outer, type: 3, code: 1), IcmpError(outer, type: 3, code: 0));

        Assert.Single(host.FromDevice(Inner()).Errors);
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(host.FromDevice(Inner()).Errors);
    }

    [Theory]
    [InlineData(11, 0, 0, 0)] // TTL exceeded matters only when the tunnel sets its own TTL
    [InlineData(11, 0, 64, 1)]
    [InlineData(11, 1, 64, 0)]
    [InlineData(3, 5, 64, 0)]
    [InlineData(12, 0, 64, 0)]
    [InlineData(3, 13, 0, 1)]
    public void Which_icmp_errors_reach_the_inner_sender(byte type, byte code, byte ttl, int expected)
    {
        using var host = new TunnelHost(s_ipip with { Ttl = ttl });
        var outer = host.FromDevice(Inner()).Sent[0];
        host.FromIcmp(IcmpError(outer, type, code));
        Assert.Equal(expected, host.FromDevice(Inner()).Errors.Count);
    }

    [Fact]
    public void An_icmp_error_with_a_bad_checksum_or_about_another_protocol_is_ignored()
    {
        using var host = new TunnelHost(s_ipip);
        var outer = host.FromDevice(Inner()).Sent[0];
        var bad = IcmpError(outer, 3, 1);
        bad[22] ^= 1;
        var gre = outer.ToArray();
        gre[9] = 47;
        host.FromIcmp(bad, IcmpError(gre, 3, 1));
        Assert.Empty(host.FromDevice(Inner()).Errors);
    }

    [Fact]
    public void Changed_parameters_rule_from_the_next_packet_on()
    {
        using var host = new TunnelHost(s_ipip);
        host.FromDevice(Inner());
        host.Engine.Change(host.Tunnel, s_ipip with { Remote = Ip("192.0.2.9"), Ttl = 7 });
        var sent = host.FromDevice(Inner()).Sent;
        Assert.True(IPv4Header.TryParse(sent[1], out var outer));
        Assert.Equal((Ip("192.0.2.9"), 7), (outer.Destination, outer.TimeToLive));
    }

    [Fact]
    public void Decapsulation_passes_the_inner_packet_on()
    {
        using var host = new TunnelHost(s_ipip);
        var inner = Inner();
        Assert.Equal(inner, Assert.Single(host.FromWire(Outer(inner)).Delivered));
        Assert.Equal((1, 60), (host.Tunnel.Counters.RxPackets, host.Tunnel.Counters.RxBytes));
    }

    [Fact]
    public void Outer_options_are_skipped()
    {
        using var host = new TunnelHost(s_ipip);
        var inner = Inner();
        var outer = new byte[24 + inner.Length];
        Outer(inner).AsSpan(0, 20).CopyTo(outer);
        inner.CopyTo(outer, 24);
        outer[0] = 0x46;
        outer[3] = (byte)outer.Length;
        outer.AsSpan(20, 4).Fill(1);
        Assert.Equal(inner, Assert.Single(host.FromWire(outer).Delivered));
    }

    [Fact]
    public void Bytes_behind_the_inner_packet_are_cut_off()
    {
        using var host = new TunnelHost(s_ipip);
        var inner = Inner();
        Assert.Equal(inner, Assert.Single(host.FromWire(Outer([.. inner, 1, 2, 3])).Delivered));
    }

    public static TheoryData<string, byte[], DropReason> BadOuterPackets => new()
    {
        { "nothing inside", Outer([]), DropReason.InnerHeader },
        { "half a header inside", Outer(Inner()[..19]), DropReason.InnerHeader },
        { "inner total length past the end", Outer(Inner()[..50]), DropReason.InnerHeader },
        { "inner header length of 16", Outer(With(Inner(), 0, 0x44)), DropReason.InnerHeader },
        { "inner header length past the end", Outer(With(Inner(length: 24), 0, 0x4F)), DropReason.InnerHeader },
        { "IPv6 inside", Outer(With(Inner(), 0, 0x60)), DropReason.InnerProtocol },
        { "version 15 inside", Outer(With(Inner(), 0, 0xF5)), DropReason.InnerProtocol },
        { "a fragment that nobody put together", With(Outer(Inner()), 6, 0x20), DropReason.OuterHeader },
        { "outer total length past the end", Outer(Inner())[..70], DropReason.OuterHeader },
        { "outer CE, inner Not-ECT", Outer(Inner(), tos: 3), DropReason.EcnError },
    };

    [Theory]
    [MemberData(nameof(BadOuterPackets), DisableDiscoveryEnumeration = true)]
    public void A_bad_packet_is_counted_by_its_reason(string what, byte[] packet, DropReason reason)
    {
        using var host = new TunnelHost(s_ipip);
        Assert.Empty(host.FromWire(packet).Delivered);
        Assert.True(host.Tunnel.Counters.Dropped(reason) == 1, what);
        Assert.Equal((1, 0), (host.Tunnel.Counters.RxErrors, host.Tunnel.Counters.RxPackets));
    }

    [Fact]
    public void What_is_no_ip_at_all_is_malformed_and_answered_by_nothing()
    {
        using var host = new TunnelHost(s_ipip);
        host.FromWire([], [0x45], With(Outer(Inner()), 0, 0x75), With(Outer(Inner()), 0, 0x4F)[..40]);
        Assert.Equal(4, host.Engine.Malformed);
        Assert.Empty(host.Errors);
    }

    [Fact]
    public void A_tunnel_that_is_down_receives_nothing_and_the_sender_hears_of_it()
    {
        using var host = new TunnelHost(s_ipip);
        host.Tunnel.Up = false;
        Assert.Empty(host.FromWire(Outer(Inner())).Delivered);
        Assert.Single(host.Errors);
        Assert.Equal(1, host.Engine.Unclaimed);
    }

    [Fact]
    public void Packets_of_several_tunnels_in_one_batch_each_reach_their_own()
    {
        using var host = new TunnelHost(s_ipip);
        var second = host.AddTunnel(8, s_ipip with { Remote = Ip("192.0.2.9") });
        host.FromWire(Outer(Inner()), Outer(Inner(), source: "192.0.2.9"), Outer(Inner()), Outer(Inner(), source: "192.0.2.9"));
        Assert.Equal(4, host.Delivered.Count);
        Assert.Equal((2, 2), (host.Tunnel.Counters.RxPackets, second.Counters.RxPackets));
    }

    [Fact]
    public void What_the_wire_or_the_device_does_not_take_is_counted_apart()
    {
        using var host = new TunnelHost(s_ipip);
        var full = Enumerable.Repeat(Inner(), 64).ToArray();
        for (var i = 0; i < MemoryPort.DefaultLimit / 64; i++)
            host.FromDevice(full).FromWire([.. full.Select(packet => Outer(packet))]);
        host.FromDevice(Inner()).FromWire(Outer(Inner()), Outer(Inner()));
        Assert.Equal((1, 2), (host.Tunnel.Counters.Dropped(DropReason.NoBuffer), host.Tunnel.Counters.Dropped(DropReason.DeviceRefused)));
        Assert.Equal((0, 0), (host.Tunnel.Counters.TxErrors, host.Tunnel.Counters.RxErrors));
    }

    [Fact]
    public void A_device_that_is_closed_underneath_does_not_stop_the_others()
    {
        using var host = new TunnelHost(s_ipip);
        var (closed, _) = MemoryPort.Pair();
        using var batch = new PacketBatch();
        var gone = host.AddTunnel(8, s_ipip with { Remote = Ip("192.0.2.9") });
        gone.Device = new(closed, batch);
        closed.Dispose();
        host.FromWire(Outer(Inner(), source: "192.0.2.9"), Outer(Inner()));
        Assert.Single(host.Delivered);
        Assert.Equal(1, gone.Counters.Dropped(DropReason.DeviceRefused));
    }

    [Fact]
    public void IPv6_and_broken_packets_from_the_device_are_counted()
    {
        using var host = new TunnelHost(s_ipip);
        host.FromDevice([], With(Inner(), 0, 0x60), With(Inner(), 0, 0x44), Inner()[..30]);
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.InnerProtocol));
        Assert.Equal(3, host.Tunnel.Counters.Dropped(DropReason.InnerHeader));
    }

    [Fact]
    public void The_largest_inner_packets_pass_as_fragments_without_df_and_never_with_it()
    {
        using var host = new TunnelHost(s_ipip with { PathMtuDiscovery = false });
        host.FromDevice(Inner(length: 65515));
        var fragments = host.Sent;
        Assert.Equal(45, fragments.Count);
        Assert.Equal(65515, fragments.Sum(fragment => fragment.Length - 20));
        Assert.Empty(host.FromDevice(Inner(length: 65535)).Sent); // 20 bytes more than an IP packet can have
    }
}
