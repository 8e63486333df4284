using Qanat.Packets;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>The rules of sit that no capture shows (net/ipv6/sit.c).</summary>
public class SitTests
{
    private static readonly TunnelParameters s_sit = new() { Mode = TunnelMode.Sit, Local = Ip("192.0.2.2") };
    private static readonly TunnelParameters s_fixed = s_sit with { Remote = Ip("192.0.2.1") };

    [Theory]
    [InlineData(1, 0xB8, 0xB8)]
    [InlineData(0x11, 0xB8, 0x10)] // any other bit makes it a number, whose ECN bits are the inner packet's
    [InlineData(0x10, 0xBB, 0x12)]
    public void Tos_is_inherited_by_exactly_1(byte tos, byte inner, byte outer)
    {
        using var host = new TunnelHost(s_fixed with { Tos = tos });
        Assert.Equal(outer, Assert.Single(host.FromDevice(Inner6(tos: inner)).Sent)[1]);
    }

    [Theory]
    [InlineData(0, 33, 33)]
    [InlineData(64, 33, 64)]
    public void Ttl_is_the_hop_limit_or_a_number(byte ttl, byte hopLimit, byte outer)
    {
        using var host = new TunnelHost(s_fixed with { Ttl = ttl });
        Assert.Equal(outer, Assert.Single(host.FromDevice(Inner6(hopLimit: hopLimit)).Sent)[8]);
    }

    [Theory]
    [InlineData("2002:c000:263::1", "192.0.2.99")]
    [InlineData("::192.0.2.77", "192.0.2.77")]
    public void The_inner_destination_may_name_the_far_end(string destination, string farEnd)
    {
        using var host = new TunnelHost(s_sit);
        Assert.True(IPv4Header.TryParse(Assert.Single(host.FromDevice(Inner6(destination: destination)).Sent), out var outer));
        Assert.Equal(Ip(farEnd), outer.Destination);
    }

    [Theory]
    [InlineData("fd00::1")] // no far end in it
    [InlineData("::1")]
    [InlineData("ff02::1")]
    [InlineData("2002::1")] // 0.0.0.0
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:e000:1::1")]
    [InlineData("2002:ffff:ffff::1")]
    [InlineData("2002:c000:202::1")] // ourselves
    public void A_far_end_that_is_not_one_other_host_is_refused(string destination)
    {
        using var host = new TunnelHost(s_sit);
        Assert.Empty(host.FromDevice(Inner6(destination: destination)).Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    [Fact]
    public void A_broadcast_address_is_refused_by_its_route_and_the_sender_told()
    {
        using var host = new TunnelHost(s_sit);
        host.Underlay.Routes[Ip("192.0.2.255")] = host.Underlay.Default with { IsForMany = true };
        Assert.Empty(host.FromDevice(Inner6(destination: "2002:c000:2ff::1")).Sent);
        AssertUnreachable(Assert.Single(host.Errors));
    }

    [Fact]
    public void A_missing_route_to_the_far_end_is_told_to_the_sender()
    {
        using var host = new TunnelHost(s_fixed);
        host.Underlay.Default = OuterRoute.None;
        Assert.Empty(host.FromDevice(Inner6()).Sent);
        AssertUnreachable(Assert.Single(host.Errors));
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.NoRoute));
    }

    [Theory]
    [InlineData(1500, 1480, true, 1, 0)]
    [InlineData(1500, 1481, false, 0, 1480)]
    [InlineData(1300, 1280, true, 1, 0)]
    [InlineData(1299, 1280, false, 2, 0)] // narrower than IPv6 allows: cut, without DF
    [InlineData(1299, 1281, false, 0, 1280)]
    [InlineData(88, 1280, false, 20, 0)]
    [InlineData(87, 100, false, 0, 0)] // narrower than IPv4 allows
    public void Path_mtu(int path, int length, bool df, int sent, int announced)
    {
        using var host = new TunnelHost(s_fixed);
        host.Underlay.Default = host.Underlay.Default with { Mtu = path };
        var outer = host.FromDevice(Inner6(length)).Sent;
        Assert.Equal(sent, outer.Count);
        Assert.All(outer, packet => Assert.Equal(df, (packet[6] & 0x40) != 0));
        if (sent == 0)
            Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.PacketTooBig));
        var errors = host.Errors;
        Assert.Equal(announced != 0 ? 1 : 0, errors.Count);
        foreach (var error in errors)
            Assert.Equal((Icmpv6Type.PacketTooBig, (uint)announced), (Icmp(error).Type, Icmp(error).Mtu));
    }

    [Fact]
    public void Without_pmtudisc_nothing_is_too_big()
    {
        using var host = new TunnelHost(s_fixed with { PathMtuDiscovery = false });
        Assert.Equal(2, host.FromDevice(Inner6(1481)).Sent.Count);
        Assert.Empty(host.Errors);
    }

    [Fact]
    public void Neither_ipv4_inside_nor_a_truncated_packet_leaves()
    {
        using var host = new TunnelHost(s_fixed);
        Assert.Empty(host.FromDevice(Inner(), Inner6()[..50]).Sent);
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.InnerProtocol));
        Assert.Equal(1, host.Tunnel.Counters.Dropped(DropReason.InnerHeader));
    }

    public static TheoryData<string, byte[], DropReason> BadOuterPackets => new()
    {
        { "nothing inside", Outer6([]), DropReason.InnerHeader },
        { "half a header inside", Outer6(Inner6()[..39]), DropReason.InnerHeader },
        { "payload length past the end", Outer6(Inner6()[..90]), DropReason.InnerHeader },
        { "IPv4 inside", Outer6(Inner()), DropReason.InnerProtocol },
        { "a fragment that nobody put together", With(Outer6(Inner6()), 6, 0x20), DropReason.OuterHeader },
        { "outer total length past the end", Outer6(Inner6())[..100], DropReason.OuterHeader },
        { "outer CE, inner Not-ECT", Outer6(Inner6(), tos: 3), DropReason.EcnError },
    };

    [Theory]
    [MemberData(nameof(BadOuterPackets), DisableDiscoveryEnumeration = true)]
    public void A_bad_packet_is_counted_by_its_reason(string what, byte[] packet, DropReason reason)
    {
        using var host = new TunnelHost(s_fixed);
        Assert.Empty(host.FromWire(packet).Delivered);
        Assert.True(host.Tunnel.Counters.Dropped(reason) == 1, what);
    }

    [Theory]
    [InlineData("2002:c000:201::1", "fd00::2", true)]
    [InlineData("2002:c000:209::1", "fd00::2", false)] // a 6to4 source that is elsewhere
    [InlineData("fd00::1", "2002:c000:202::1", true)]
    [InlineData("fd00::1", "2002:c000:209::1", false)] // a 6to4 destination that is elsewhere
    [InlineData("fd00::1", "fd00::2", true)]
    public void Addresses_of_6to4_must_be_where_they_say_they_are(string source, string destination, bool accepted)
    {
        using var host = new TunnelHost(s_sit);
        host.FromWire(Outer6(Inner6(source: source, destination: destination)));
        Assert.Equal(accepted ? 1 : 0, host.Delivered.Count);
        Assert.Equal(accepted ? 0 : 1, host.Tunnel.Counters.Dropped(DropReason.SpoofedSource));
    }

    [Fact]
    public void Behind_nat_a_destination_within_the_devices_own_prefix_is_ours()
    {
        using var host = new TunnelHost(s_sit);
        var packet = Outer6(Inner6(source: "fd00::1", destination: "2002:c633:6401:5::7"));
        Assert.Empty(host.FromWire(packet).Delivered);
        host.Underlay.OnDevice.Add((Ip6("2002:c633:6401::1"), 16)); // whose first 48 bits count, not its prefix
        Assert.Single(host.FromWire(packet).Delivered);
    }

    [Fact]
    public void A_point_to_point_tunnel_asks_nobody_for_the_source()
    {
        using var host = new TunnelHost(s_fixed);
        Assert.Single(host.FromWire(Outer6(Inner6(source: "2002:c000:209::1"))).Delivered);
    }

    [Fact]
    public void A_tunnel_bound_to_a_link_takes_nothing_of_another_and_of_two_alike_the_newer_takes_it()
    {
        var table = new TunnelTable(firstMatch: true);
        Tunnel bound = Tunnel(1, s_fixed with { Link = 5 }), free = Tunnel(2, s_fixed), local = Tunnel(3, s_sit);
        table.Add(bound);
        table.Add(local);
        Assert.Same(bound, Find(link: 5));
        Assert.Same(local, Find(link: 6));
        table.Add(free);
        Assert.Same(free, Find(link: 5));
        Assert.Same(free, Find(link: 6));
        free.Up = false;
        Assert.Same(bound, Find(link: 5));

        Tunnel? Find(int link) => table.Find(s_fixed.Local, s_fixed.Remote, key: null, link);
    }

    [Fact]
    public void Of_wildcards_the_one_of_the_link_wins_and_any_will_do()
    {
        var table = new TunnelTable(firstMatch: true);
        Tunnel one = Tunnel(1, new() { Mode = TunnelMode.Sit, Link = 5 }), other = Tunnel(2, new() { Mode = TunnelMode.Sit, Link = 6 });
        table.Add(one);
        table.Add(other);
        Assert.Same(one, table.Find(Ip("192.0.2.2"), Ip("192.0.2.1"), key: null, link: 5));
        Assert.Same(other, table.Find(Ip("192.0.2.2"), Ip("192.0.2.1"), key: null, link: 7));
    }

    private static Tunnel Tunnel(int index, TunnelParameters parameters) => new(index, $"sit{index}", parameters) { Up = true };

    private static void AssertUnreachable(byte[] error) =>
        Assert.Equal((Icmpv6Type.DestinationUnreachable, 3), (Icmp(error).Type, Icmp(error).Code));

    private static Icmpv6Header Icmp(byte[] packet)
    {
        Assert.True(IPv6Header.TryParse(packet, out var ip));
        Assert.True(Icmpv6Header.TryParse(ip.Payload, out var icmp));
        return icmp;
    }
}
